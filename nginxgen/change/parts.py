"""A configuration as a tree of what people call its parts: groups, servers, locations, and what each of them says.

Knows what holds in a part: what is said there, else around it, else what nginx does by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nginxgen.change.families import (
    LISTEN,
    TYPES,
    At,
    Item,
    Line,
    family_of,
    is_inherited,
    read_entries,
    read_items,
)
from nginxgen.change.values import quoted
from nginxgen.conf.defaults import CONNECTION_KEPT, backend_headers, defaults_of
from nginxgen.conf.grammar import inner_context
from nginxgen.conf.target import Target
from nginxgen.conf.tree import Tree
from nginxgen.foreign import Configuration, Node

ENTRIES = "entries"
ORDERED_ENTRIES = "ordered entries"
_TABLES = frozenset({"map", "geo", "split_clients", "charset_map", "match"})
_PARTS = frozenset({"http", "events", "stream", "mail", "server", "location", "upstream", "limit_except"}) | _TABLES
_ONCE = frozenset({"main", "http", "events", "stream", "mail"})
"""Parts of which a configuration has one, however often they are written."""
_METHODS = frozenset({"least_conn", "ip_hash", "hash", "random", "least_time"})
_ANSWERS = ("return", "proxy_pass", "fastcgi_pass", "uwsgi_pass", "grpc_pass", "alias", "root", "try_files")
_MATCH = re.compile(r"(=|\^~|~\*|~)(?=.)(.*)", re.DOTALL)


class Part:
    """A part of a configuration."""

    def __init__(self, kind: str, label: str, context: str, parent: Part | None, at: At | None = None) -> None:
        self.kind = kind
        self.label = label
        self.context = context
        """What may stand in it, in the words of `conf.facts`."""
        self.parent = parent
        self.at = at
        self.lines: dict[str, list[Line]] = {}
        """What is written in it, by families; parts of it are left aside."""
        self.said: dict[str, list[Item]] = {}
        """What it says itself, by families."""
        self.children: list[Part] = []
        self.names: tuple[str, ...] = ()
        """A server's names and sockets, by which it is found again; ``defaults`` are those it claims."""
        self.sockets: tuple[str, ...] = ()
        self.defaults: frozenset[str] = frozenset()
        self.loses_keepalive = False
        """Whether a group names its method after keepalive, which then is no more, before nginx 1.29.7."""

    def effective(self, family: str, target: Target) -> list[Item]:
        """What holds of a family: said here, or around it, or by nginx itself."""
        held = self._held(family, target)
        return held + _unsaid_headers(held, target) if family == "proxy_set_header" else held

    def _held(self, family: str, target: Target) -> list[Item]:
        if family == "keepalive" and self.loses_keepalive and target.lowest < CONNECTION_KEPT:
            return []
        if family in self.said or f"{family}_inherit" in self.said:
            return self._own(family, target)
        if (around := self.inherits_from(family)) is not None:
            return around._held(family, target)
        return _default_items(family, self.context, target)

    def inherits_from(self, family: str) -> Part | None:
        """The part around it that says what holds here, as long as nothing is said here; None when there is none."""
        is_known = self.parent is not None and self.parent.context and is_inherited(family, self.context)
        return self.parent if is_known else None

    def _own(self, family: str, target: Target) -> list[Item]:
        """What a level that says something of a family says, with what it takes over from the levels around it."""
        own = self.said.get(family, [])
        how = [word for item in self.said.get(f"{family}_inherit", ()) for word in item.value[1:]]
        takes_over = how == ["merge"] or (family not in self.said and how != ["off"])
        around = self.inherits_from(family) if takes_over else None
        return own if around is None else [*around._held(family, target), *own]

    def value(self, family: str, target: Target) -> str | None:
        """What a directive that is said once comes to, as it is written; None when nothing holds."""
        items = self.effective(family, target)
        return items[-1].text if items else None

    @property
    def place(self) -> tuple[str, ...]:
        """The labels of the parts around it and its own, from the outermost on, without what goes without saying."""
        if self.parent is None:
            return ()
        is_plain = self.parent.kind == "main" or (self.parent.kind == "http" and self.kind in ("server", "upstream"))
        return (*(() if is_plain else self.parent.place), self.label)

    @property
    def summary(self) -> str:
        """What it does, in a few words, for one that is shown as a whole."""
        if self.kind == "upstream":
            return _count(len(self.said.get("server", ())), "server")
        if self.kind == "server" and self.context == "server":
            return _count(sum(one.kind == "location" for one in self.children), "location")
        items = {one.name.split(" ")[0]: one for said in self.said.values() for one in said}
        answer = next((name for name in _ANSWERS if name in items), None)
        return f"{items[answer].name} {items[answer].text}".strip() if answer else ""


def _default_items(family: str, context: str, target: Target) -> list[Item]:
    """What nginx does by itself; where versions of the target differ in that, it equals no word that could be said."""
    texts = defaults_of(family, context, target)
    read = [[] if text is None else read_items(family, [_default_line(family, text)], context) for text in texts]
    if len(read) == 1:
        return [one._replace(is_default=True) for one in read[0]]
    values = tuple(tuple(one.value for one in items) for items in read)
    return [Item("", family, values, " or ".join(text or "nothing" for text in texts), None, is_default=True)]


def _unsaid_headers(said: list[Item], target: Target) -> list[Item]:
    """The headers for backends that nginx sets by itself, as long as nobody says them."""
    keys = {one.key for one in said}
    made = []
    for name, values in backend_headers(target).items():
        key = f"proxy_set_header {name.lower()}"
        if key not in keys:
            made.append(Item(key, f"proxy_set_header {name}", values, " or ".join(values), None, is_default=True))
    return made


def _default_line(family: str, text: str) -> Line:
    if family == TYPES:
        rows = [row.split() for row in text.split(";") if row.strip()]
        return Line(family, (), tuple(Line(words[0], tuple(words[1:])) for words in rows))
    return Line(family, tuple("" if word == '""' else word for word in text.split()))


def lines_of(tree: Tree, file: str) -> tuple[Line, ...]:
    """A plain tree as lines of a file."""
    return tuple(
        Line(one.name, one.args, None if one.block is None else lines_of(one.block, file), At(file, one.line))
        for one in tree
    )


def levels_of(configuration: Configuration) -> list[tuple[str, Sequence[Line]]]:
    """The outermost levels of a configuration that others wrote, as `parts_of` takes them."""
    return [(root.inner, _lines_in(root)) for root in configuration.roots]


def _lines_in(node: Node) -> tuple[Line, ...]:
    """What stands in a block; files that were not found are said to be included all the same."""
    return tuple(
        Line(one.name, one.args, None if one.children is None else _lines_in(one), At(one.file.name, one.line))
        for one in (*(node.children or ()), *node.missing)
    )


def parts_of(levels: Iterable[tuple[str, Sequence[Line]]]) -> Part:
    """The tree of a configuration.

    Args:
        levels: its outermost levels, each with the context in which it stands: one in ``main`` when it is complete.
    """
    whole = Part("whole", "", "", None)
    for context, lines in levels:
        part = _fragment(whole, context)
        _fill(part, lines)
    every = list(_all(whole))
    for part in every:
        _finish(part)
    for part in every:
        if part.kind == "http":
            _tell_http2(part)
    return whole


def _fragment(whole: Part, context: str) -> Part:
    """The part that an outermost level is, with the parts around it that it is made for."""
    if context in _ONCE:
        into = whole if context == "main" else _once(whole, "main", "main")
        return _once(into, context, context)
    name = f"part of {'an' if context[0] in 'aeiou' else 'a'} {context}"
    same = sum(one.label.startswith(name) for one in whole.children)
    label = name + (f" ({same + 1})" if same else "")
    part = Part(context if context == "types" else "fragment", label, context, whole)
    whole.children.append(part)
    return part


def _once(parent: Part, kind: str, context: str) -> Part:
    found = next((one for one in parent.children if one.kind == kind), None)
    if found is None:
        found = Part(kind, kind, context, parent)
        parent.children.append(found)
    return found


def _fill(part: Part, lines: Iterable[Line]) -> None:
    """Put directives into a part; blocks become parts of their own, or what they say is said here."""
    for line in lines:
        if line.block is not None and line.name in _PARTS:
            _fill_child(part, line)
        else:
            part.loses_keepalive |= line.name in _METHODS and "keepalive" in part.lines
            part.lines.setdefault(family_of(line.name), []).append(line)


def _fill_child(part: Part, line: Line) -> None:
    context = inner_context(line.name, part.context)
    if line.name in _ONCE:
        child = _once(part, line.name, context)
    else:
        child = Part(line.name, _label(line), context, part, line.at)
        part.children.append(child)
    if line.name not in _TABLES:
        _fill(child, line.block or ())
        return
    if len(line.args) > 1:
        source = quoted(line.args[:-1])
        child.said["source"] = [Item("", "source", (source,), source, line.at)]
    for item, is_ordered in read_entries(line.block or (), line.name):
        child.said.setdefault(ORDERED_ENTRIES if is_ordered else ENTRIES, []).append(item)


def _label(line: Line) -> str:
    args = line.args
    if line.name == "location":
        found = _MATCH.fullmatch(args[0]) if len(args) == 1 else None
        return f"location {found[1]} {found[2]}" if found else f"location {' '.join(args)}"
    if line.name == "limit_except":
        args = tuple(sorted(one.upper() for one in args))
    return f"{line.name} {quoted(args[-1:] if line.name in _TABLES else args)}".rstrip()


def _all(part: Part) -> Iterable[Part]:
    for child in part.children:
        yield child
        yield from _all(child)


def _finish(part: Part) -> None:
    """Make out what a part says, once all of it is read; the parts around it are finished."""
    part.said.update((family, read_items(family, lines, part.context)) for family, lines in part.lines.items())
    if part.kind != "server":
        return
    listens = part.said.get(LISTEN, [])
    if not listens and part.context == "server":
        listens = read_items(LISTEN, [Line(LISTEN, ("80",), None, part.at)], "server")
    part.defaults = frozenset(one.key for one in listens if {"default_server", "default"} & set(one.text.split(" ")))
    if part.context == "server":
        part.said[LISTEN] = listens
    part.sockets = tuple(dict.fromkeys(one.key for one in listens))
    names = [word for line in part.lines.get("server_name", ()) for word in line.args]
    part.names = tuple(names)
    where = ", ".join(one.name.removeprefix(f"{LISTEN} ") for one in listens)
    part.label = f"server {quoted(names[:1]) or '(no name)'}" + (f" on {where}" if where else "")


def _tell_http2(http: Part) -> None:
    """Say of every listener whether HTTP/2 is spoken there: because a ``listen`` of its socket says so, or its server.

    The first holds for all servers of a socket, the second, since nginx 1.25.1, for a server of its own.
    """
    servers = [one for one in http.children if one.kind == "server"]
    sockets = {item.key for one in servers for item in one.said[LISTEN] if "http2" in item.text.split(" ")}
    for one in servers:
        said = next((part.said["http2"] for part in (one, http) if "http2" in part.said), [])
        is_on = any(item.text.lower() == "on" for item in said)
        is_refused = any(item.text.lower() == "on" for item in one.said.get("ssl_reject_handshake", ()))
        one.said[LISTEN] = [
            _with_http2(item, (is_on or item.key in sockets) and not (is_refused and "ssl" in item.value))
            for item in one.said[LISTEN]
        ]


def _with_http2(listen: Item, is_spoken: bool) -> Item:
    rest = [one for one in listen.text.split(" ") if one not in ("http2", "default_server", "default")]
    more = ("http2",) if is_spoken and "quic" not in rest else ()
    return listen._replace(value=(*listen.value, *more), text=" ".join([*rest, *more]).strip())


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
