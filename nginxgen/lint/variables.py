"""Where what a variable holds comes from: through set, map and captures back to what a client sends.

Knows which of nginx's own variables a client fills, and which of them may hold a line break: those that come from the
path after nginx decoded it. (Both seen on the wire; ngx_http_core_module, ngx_http_rewrite_module.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nginxgen.diagnostic import Spot
from nginxgen.foreign import Configuration, Node
from nginxgen.lint.captures import admits, groups
from nginxgen.lint.locations import location
from nginxgen.source import Span

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|([1-9])|([A-Za-z_]\w*))")
DECODED = frozenset({"uri", "document_uri", "fastcgi_script_name", "fastcgi_path_info", "request_filename"})
"""The path as nginx decoded it: ``%0d%0a`` in a request is a line break in these."""
_SENT = frozenset({"http_host", "host", "args", "query_string", "request_uri", "request_body"}) | DECODED
_SENT_PREFIXES = ("arg_", "http_", "cookie_")
_LINE_BREAK = "\n"
_REPEATED = re.compile(r"[+*{]")
_DEEPEST = 8


class Source(NamedTuple):
    """One of a client's words in a text: the variable or capture that brings it, and the pattern that it matched."""

    written: str
    """The variable that stands in the text: ``$prefix``."""
    name: str
    """The variable or capture that it got the client's word from; often the same: ``$1``."""
    origin: str
    """The variable of nginx's own, without ``$``, that the client fills: ``uri``."""
    pattern: str | None = None
    """What a capture matched; None when the client's word is there as a whole."""
    is_decoded: bool = False

    @property
    def spoken(self) -> str:
        """How a message names it."""
        return self.name if self.name == self.written else f"{self.name} in {self.written}"

    @property
    def may_break_lines(self) -> bool:
        """Whether a line break of the client's can be in it, and more behind that."""
        if self.pattern is None:
            return self.is_decoded
        return self.is_decoded and _REPEATED.search(self.pattern) is not None and admits(self.pattern, _LINE_BREAK)


def names_in(text: str) -> list[str]:
    """The variables in a text, in small letters and without ``$``; captures are numbers."""
    return [next(filter(None, found.groups())).lower() for found in _VARIABLE.finditer(text)]


def is_sent(name: str) -> bool:
    """Whether a client fills one of nginx's own variables with what it likes."""
    return name in _SENT or name.startswith(_SENT_PREFIXES)


class Variables:
    """The variables that a configuration makes."""

    def __init__(self, configuration: Configuration) -> None:
        self._sets: dict[str, list[Node]] = {}
        self._maps: dict[str, list[Node]] = {}
        for one in configuration.named("set"):
            if len(one.args) == 2:
                self._sets.setdefault(one.args[0].lstrip("$").lower(), []).append(one)
        for name in ("map", "geo", "split_clients"):
            for one in configuration.named(name):
                if one.args and one.children is not None:
                    self._maps.setdefault(one.args[-1].lstrip("$").lower(), []).append(one)

    @property
    def map_names(self) -> frozenset[str]:
        """The variables that maps and the like fill."""
        return frozenset(self._maps)

    def map_of(self, name: str) -> list[Node]:
        """The maps and the like that fill a variable."""
        return self._maps.get(name, [])

    def sets_of(self, text: str, at: Node) -> list[Node]:
        """The directives that set the variable which a text is as a whole, as seen from a directive."""
        name = text.removeprefix("$").strip("{}").lower()
        return list(_seen_from(at, self._sets.get(name, []))) if text.startswith("$") else []

    def sources(self, text: str, at: Node) -> list[Source]:
        """What a client puts into a text that stands in a directive; nothing when that is not known for certain."""
        found = (
            one._replace(written=f"${name}")
            for name in names_in(text)
            for one in self._sources(f"${{{name}}}", at, _DEEPEST)
        )
        return list(dict.fromkeys(found))

    def _sources(self, text: str, at: Node, deepest: int) -> Iterator[Source]:
        if deepest == 0:
            return
        for name in names_in(text):
            if name.isdigit():
                yield from self._captured(name, at, deepest)
            elif name in self._sets:
                for one in _seen_from(at, self._sets[name]):
                    yield from self._sources(one.args[1], one, deepest - 1)
            elif name in self._maps:
                for one in self._maps[name]:
                    yield from self._mapped(one, deepest)
            elif is_sent(name):
                if not _is_constant(name, at):
                    yield Source(f"${name}", f"${name}", name, None, name in DECODED)
            else:
                yield from self._captured(name, at, deepest)

    def _mapped(self, made: Node, deepest: int) -> Iterator[Source]:
        """What comes out of a map: its values, with the captures of the pattern before each."""
        of = "".join(made.args[:-1])
        for entry in made.children or ():
            if made.name != "map" or not entry.args or entry.name == "include":
                continue
            found = groups(entry.name) if entry.name.startswith("~") else {}
            for name in names_in(entry.args[0]):
                if name in found:
                    yield from self._narrowed(f"${name}", found[name], of, made, deepest)
                elif not name.isdigit():
                    yield from self._sources(f"${{{name}}}", made, deepest - 1)

    def _captured(self, name: str, at: Node, deepest: int) -> Iterator[Source]:
        """What a capture holds: of the directive itself, or of the nearest block around it that has a pattern."""
        for one in (at, *at.around()):
            for pattern, of in _patterns(one):
                if (text := groups(pattern).get(name)) is not None:
                    yield from self._narrowed(f"${name}", text, of, one, deepest)
                    return
            if name.isdigit() and _has_pattern(one):
                return

    def _narrowed(self, name: str, pattern: str, of: str, at: Node, deepest: int) -> Iterator[Source]:
        for source in self._sources(of, at, deepest - 1):
            yield Source(name, name, source.origin, pattern, source.may_break_lines)


class Condition(NamedTuple):
    """What an if compares: ``$host``, ``!~``, ``^www``, and where the last of these stands."""

    left: str
    operator: str
    right: str
    where: Spot


def condition(node: Node) -> Condition | None:
    """What an if compares; None for other directives, and where it looks at one thing only, such as ``-f``."""
    if node.name != "if" or len(node.args) < 3:
        return None
    *words, last = node.args[2:]
    rest = last.removesuffix(")")
    end = node.words[-1].end - len(last) + len(rest) if rest else node.words[-2].end
    right = " ".join([*words, rest] if rest else words)
    return Condition(
        node.args[0].removeprefix("("), node.args[1], right, Spot(node.file, Span(node.words[3].start, end))
    )


def is_asked_about(names: Iterable[str], at: Node) -> bool:
    """Whether some if around a directive, or before it on a level around it, looks at one of some variables."""
    wanted = set(names)
    conditions = (one for level in at.levels() for one in (level, *level.all("if")) if one.name == "if")
    return any(not wanted.isdisjoint(names_in(" ".join(one.args))) for one in conditions)


def _seen_from(at: Node, sets: list[Node]) -> list[Node]:
    """Those of several set that run before a directive: in the blocks around it, else wherever they stand."""
    around = list(at.levels())
    near = [one for one in sets if any(level in around for level in _homes(one))]
    return near or sets


def _homes(one: Node) -> Iterator[Node]:
    """The block of a set; also that around an if."""
    level = one.parent
    while level is not None:
        yield level
        if level.name != "if":
            return
        level = level.parent


def _patterns(node: Node) -> Iterator[tuple[str, str]]:
    """The regular expressions of a directive, each with what it is compared with."""
    if node.name == "rewrite" and len(node.args) > 1:
        yield node.args[0], "$uri"
    elif (place := location(node)) is not None and place.is_regex:
        yield place.path, "$uri"
    elif (asked := condition(node)) is not None and asked.operator in ("~", "~*"):
        yield asked.right, asked.left
    elif node.name == "server":
        for one in node.all("server_name"):
            yield from ((name[1:], "$host") for name in one.args if name.startswith("~"))


def _has_pattern(node: Node) -> bool:
    return node.name != "server" and any(True for _ in _patterns(node))


def _is_constant(name: str, at: Node) -> bool:
    """Whether the location is for one path only, so that the path's variables hold nothing else."""
    if name not in DECODED:
        return False
    return any(found.modifier == "=" for level in at.levels() if (found := location(level)) is not None)
