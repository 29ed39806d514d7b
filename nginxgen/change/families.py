"""How directives of one name stand together: what tells them apart, whether their order matters, who inherits them.

A family is what nginx inherits together: a level that says one of it says all of it. Contexts and values are those of
`conf.facts`; that order matters here and nowhere else is from nginx's sources and docs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import NamedTuple

from nginxgen.change.values import backend, canonical, listener, quoted, time, without_defaults
from nginxgen.conf.facts import forms
from nginxgen.conf.grammar import inner_context

ACCESS, REWRITING, TYPES, LISTEN = "access", "rewriting", "types", "listen"
_TOGETHER = {
    **dict.fromkeys(("allow", "deny"), ACCESS),
    **dict.fromkeys(("set", "if", "rewrite", "return", "break"), REWRITING),
    **dict.fromkeys(("root", "alias"), "root"),
}
_PARENTS = {
    "http": "main",
    "server": "http",
    "location": "server",
    "if in server": "server",
    "if in location": "location",
    "limit_except": "location",
    "stream": "main",
    "stream server": "stream",
    "mail": "main",
    "mail server": "mail",
}
_HEADERS = frozenset({"add_header", "add_trailer", "proxy_set_header", "grpc_set_header"})
_BY_FIRST = re.compile(
    r"(?:fastcgi|uwsgi|scgi)_param|log_format|env|access_log|error_log|auth_request_set|limit_conn|js_\w+|perl_set"
    r"|(?:\w+_)?ssl_conf_command|thread_pool|set_real_ip_from|\w+_hide_header|\w+_pass_header|load_module|include"
    r"|proxy_cookie_(?:path|domain|flags)|proxy_redirect|sub_filter|debug_connection|userid_\w+|secure_link\w*"
)
_ORDERED = frozenset({REWRITING, "include", "proxy_redirect", "proxy_cookie_path", "proxy_cookie_domain", "sub_filter"})
_SETS = re.compile(
    r"\w+_types|(?:\w+_)?ssl_protocols|\w+_next_upstream|\w+_ignore_headers|\w+_cache_(?:methods|use_stale)"
    r"|gzip_(?:disable|proxied)|keepalive_disable|dav_methods|valid_referers|resolver|limit_except"
    r"|\w+_(?:no_cache|cache_bypass)"
)
_ALONE = re.compile(
    r"\w+_pass|try_files|internal|listen|server_name|stub_status|empty_gif|flv|mp4|hls|js_content|perl|include|"
    r"add_header_inherit|add_trailer_inherit"
)
"""Names of which a level takes nothing from the levels around it."""
_ZONES = frozenset({"limit_req_zone", "limit_conn_zone"})


class At(NamedTuple):
    """A line of a file."""

    file: str
    line: int


class Line(NamedTuple):
    """A directive as it was read, and where."""

    name: str
    args: tuple[str, ...] = ()
    block: tuple[Line, ...] | None = None
    at: At | None = None


class Item(NamedTuple):
    """One thing that a family says: what tells it from others, how people call it, and what it comes to."""

    key: str
    name: str
    value: tuple[object, ...]
    """Equal for items that mean the same."""
    text: str
    at: At | None
    is_default: bool = False


def family_of(name: str) -> str:
    """The family that a directive belongs to; most are their own."""
    return _TOGETHER.get(name, name)


def is_ordered(family: str) -> bool:
    """Whether nginx looks at the order in which things of a family stand."""
    return family in _ORDERED


@cache
def is_inherited(family: str, context: str) -> bool:
    """Whether a level in a context takes what the level around it says of a family."""
    if family == REWRITING or _ALONE.fullmatch(family) or context not in _PARENTS:
        return False
    names = [name for name, other in _TOGETHER.items() if other == family] or [family]
    around = {_PARENTS[context]} | ({context} if context == "location" else set())
    return any(around & form.contexts for name in names for form in forms(name))


def read_items(family: str, lines: Sequence[Line], context: str) -> list[Item]:
    """What the directives of a family that stand in one block say."""
    if family == ACCESS:
        return [_access_rules(lines)]
    if family == TYPES:
        return list(_types(lines))
    if family == "server_name":
        return [_server_names(lines)]
    if _SETS.fullmatch(family):
        return [_as_set(family, lines)]
    return [item for line in lines for item in _items(line, context)]


def _items(line: Line, context: str) -> Iterator[Item]:
    name, args = line.name, line.args
    if line.block is not None or not args:
        yield _whole(line, context)
    elif name in ("if", "set", "rewrite", "return", "break"):
        count = {"set": 1, "rewrite": 1}.get(name, 0)
        yield _keyed(line, quoted(args[:count]), args[count:], args[count:])
    elif name == LISTEN:
        yield _keyed(line, listener(args), without_defaults(name, args[1:], context), args[1:], args[0])
    elif name == "server":
        yield _keyed(line, backend(args[0]), without_defaults(name, args[1:], context), args[1:], args[0])
    elif name in _HEADERS:
        yield _keyed(line, args[0].lower(), args[1:], args[1:], args[0])
    elif name == "error_page":
        yield from _error_pages(line)
    elif name.endswith("_cache_valid"):
        for code in args[:-1] or ("200", "301", "302"):
            yield _keyed(line, code, (time(args[-1]),), args[-1:], code)
    elif name in _ZONES or name.endswith("_cache_path"):
        yield _zone(line, context)
    elif name == "log_format":
        options = tuple(one for one in args[1:] if one.startswith("escape=") and one != "escape=default")
        strings = "".join(one for one in args[1:] if not one.startswith("escape="))
        yield _keyed(line, args[0], (options, strings), args[1:])
    elif name == "access_log" and len(args) == 1:
        yield _keyed(line, args[0], () if args[0] == "off" else ("combined",), ())
    elif name == "limit_req":
        zone = next((one for one in args if one.startswith("zone=")), args[0])
        rest = [one for one in args if one != zone]
        yield _keyed(line, zone, tuple(sorted(rest)), rest, zone)
    elif _BY_FIRST.fullmatch(name):
        key = args[0].lower() if name.endswith(("_hide_header", "_pass_header")) else args[0]
        yield _keyed(line, key, canonical(name, args, context)[1:], args[1:], args[0])
    else:
        yield Item("", name, (name, *canonical(name, args, context)), quoted(args), line.at)


def _keyed(line: Line, key: str, value: Iterable[object], shown: Sequence[str], said: str | None = None) -> Item:
    called = key if line.name in ("set", "rewrite") else quoted([key if said is None else said]) if key else ""
    return Item(f"{line.name} {key}", f"{line.name} {called}".rstrip(), tuple(value), quoted(shown), line.at)


def _whole(line: Line, context: str) -> Item:
    """A directive without parameters, or with a block that is compared as a whole."""
    words = quoted(line.args)
    if line.block is None:
        return Item(f"{line.name} " if family_of(line.name) == REWRITING else "", line.name, (line.name,), "", line.at)
    inside = frozen(line.block, inner_context(line.name, context))
    name = f"{line.name} {words}".rstrip()
    return Item(name, name, (inside,), _block_text(line.block), line.at)


def _block_text(block: Iterable[Line]) -> str:
    return "{ " + "".join(_statement_text(one) for one in block) + "}"


def _statement_text(line: Line) -> str:
    words = f"{line.name} {quoted(line.args)}".rstrip()
    return f"{words}; " if line.block is None else f"{words} {_block_text(line.block)} "


def frozen(lines: Iterable[Line], context: str) -> tuple[object, ...]:
    """All that stands in a block in one value, equal for blocks that mean the same."""
    found = []
    for family, members in gathered(lines).items():
        items = [(one.key, one.value) for one in read_items(family, members, context)]
        found.append((family, tuple(items if is_ordered(family) else sorted(items, key=repr))))
    return tuple(sorted(found, key=repr))


def gathered(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Directives by their families."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(family_of(line.name), []).append(line)
    return found


def _access_rules(lines: Sequence[Line]) -> Item:
    """Rules of which the first that fits decides; those beside each other that decide alike have no order."""
    runs = [(name, tuple(sorted(one.args for one in run))) for name, run in groupby(lines, lambda one: one.name)]
    text = "; ".join(f"{one.name} {quoted(one.args)}" for one in lines)
    return Item("", ACCESS, tuple(runs), text, lines[0].at)


def _as_set(family: str, lines: Sequence[Line]) -> Item:
    words = dict.fromkeys(word for line in lines for word in line.args)
    left = {"text/html"} if family.endswith("_types") and family != "xslt_types" else set()
    value = sorted({f"valid={time(one[6:])}" if one.startswith("valid=") else one for one in words} - left)
    return Item("", family, tuple(value), quoted(words), lines[0].at)


def _server_names(lines: Sequence[Line]) -> Item:
    """A server's names; the first is ``$server_name``, and of regular expressions the first that matches wins."""
    names = [one if one.startswith("~") else one.lower() for line in lines for one in line.args]
    plain = sorted({one for one in names if not one.startswith("~")})
    value = (*names[:1], tuple(plain), tuple(one for one in names if one.startswith("~")))
    return Item("", "server_name", value, quoted(word for line in lines for word in line.args), lines[0].at)


def _types(lines: Sequence[Line]) -> Iterator[Item]:
    """Tables of media types: the last word on an extension counts."""
    of: dict[str, Line] = {}
    for entry in (entry for line in lines for entry in line.block or ()):
        for extension in entry.args if entry.name != "include" else ():
            of[extension.lower()] = entry
        if entry.name == "include":
            yield Item(f"include {entry.args}", f"types include {quoted(entry.args)}", (), "", entry.at)
    kinds: dict[str, list[str]] = {}
    for extension, entry in of.items():
        kinds.setdefault(entry.name, []).append(extension)
    for kind, extensions in kinds.items():
        at = of[extensions[0]].at
        yield Item(kind, f"types {quoted([kind])}", tuple(sorted(extensions)), quoted(extensions), at)


def _error_pages(line: Line) -> Iterator[Item]:
    first = next((at for at, one in enumerate(line.args) if not one.isdigit()), len(line.args) - 1)
    for code in line.args[:first]:
        yield _keyed(line, code, line.args[first:], line.args[first:])


def _zone(line: Line, context: str) -> Item:
    found = next((one for one in line.args if re.match("(?:keys_)?zone=", one)), line.args[0])
    zone = found.partition("=")[2].partition(":")[0] or found
    value = sorted(canonical(line.name, line.args, context))
    return _keyed(line, zone, value, line.args)


def read_entries(lines: Iterable[Line], kind: str) -> Iterator[tuple[Item, bool]]:
    """What the lines of a map and the like say, and whether the place of each among the others matters."""
    for line in lines:
        is_regex = kind == "map" and line.name.startswith("~")
        key = line.name if is_regex or kind != "map" else line.name.lower()
        if key == "default" and line.args in ((), ("",)):
            continue
        words = quoted(line.args)
        told_by = f"{key} {words}" if line.name == "include" else key
        item = Item(told_by, quoted([line.name]), line.args, words, line.at)
        yield item, is_regex or kind == "split_clients" or line.name == "include"
