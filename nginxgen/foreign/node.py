"""A directive of a configuration that others wrote: its words, where it stands, and what stands around it.

Knows nginx's rule of inheritance: what a level says of a directive replaces what the levels around it say.
"""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.conf.facts import FREE_FORM
from nginxgen.conf.grammar import inner_context
from nginxgen.conf.lexer import Token
from nginxgen.conf.tree import Statement
from nginxgen.diagnostic import Spot
from nginxgen.source import SourceFile, Span


class Node:
    """A directive, or the outermost level of a configuration (its name is then empty, and it has no words)."""

    __slots__ = (
        "_by_name",
        "args",
        "children",
        "close",
        "context",
        "end",
        "file",
        "inner",
        "missing",
        "name",
        "parent",
        "words",
    )

    def __init__(
        self,
        file: SourceFile,
        words: tuple[Token, ...],
        end: int,
        parent: Node | None,
        context: str,
        is_block: bool,
    ) -> None:
        self.file = file
        self.words = words
        """Its name and its parameters, with their places."""
        self.name = words[0].value if words else ""
        self.args = tuple(one.value for one in words[1:])
        self.end = end
        """Behind its ``;``, or behind the ``{`` that opens its block."""
        self.close = end
        """Behind the ``}`` of its block."""
        self.parent = parent
        self.context = context
        """In what it stands, in the words of `conf.facts`: ``main``, ``http``, ``location``, ``if in server`` …"""
        self.inner = (inner_context(self.name, context) if words else context) if is_block else ""
        """The context inside its block."""
        self.children: list[Node] | None = [] if is_block else None
        """What stands in its block, in order; files that are included stand in the place of the include."""
        self.missing: list[Node] = []
        """Includes in its block of which no file was found."""
        self._by_name: dict[str, list[Node]] | None = None

    @property
    def start(self) -> int:
        """Where it begins in its file."""
        return self.words[0].start if self.words else 0

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return self.file.position(self.start)[0]

    @property
    def is_free_form(self) -> bool:
        """Whether what stands in its block are data and no directives, as in map."""
        return self.name in FREE_FORM

    @property
    def is_whole(self) -> bool:
        """Whether all that stands in its block is known: no include of it was left out."""
        return not self.missing

    def all(self, name: str) -> list[Node]:
        """The directives of a name that stand in its block itself."""
        if self._by_name is None:
            self._by_name = {}
            for child in self.children or ():
                self._by_name.setdefault(child.name, []).append(child)
        return self._by_name.get(name, [])

    def first(self, name: str) -> Node | None:
        """The first directive of a name that stands in its block itself."""
        found = self.all(name)
        return found[0] if found else None

    def around(self) -> Iterator[Node]:
        """The blocks around it, from the nearest on; the outermost level is the last."""
        level = self.parent
        while level is not None:
            yield level
            level = level.parent

    def levels(self) -> Iterator[Node]:
        """Its own block, then those around it."""
        yield self
        yield from self.around()

    def within(self, name: str) -> Node | None:
        """The nearest block of a name around it."""
        return next((one for one in self.around() if one.name == name), None)

    def effective(self, name: str) -> list[Node]:
        """The directives of a name that hold in its block, said there or inherited; none when nobody says it.

        A level that says it once says all of it: nginx inherits lists of directives whole or not at all.
        """
        return next((found for level in self.levels() if (found := level.all(name))), [])

    def value(self, name: str) -> str | None:
        """The first parameter of a directive that holds in its block; None when nobody says it."""
        found = self.effective(name)
        return found[-1].args[0] if found and found[-1].args else None

    def knows(self, name: str) -> bool:
        """Whether all levels that could say a directive are known: up to the one that says it, or to the main one."""
        for level in self.levels():
            if level.all(name):
                return True
            if not level.is_whole:
                return False
        return self.root.inner == "main"

    @property
    def root(self) -> Node:
        """The outermost level."""
        level = self
        while level.parent is not None:
            level = level.parent
        return level

    def walk(self) -> Iterator[Node]:
        """Everything in its block, however deep, in order."""
        for child in self.children or ():
            yield child
            if child.children:
                yield from child.walk()

    def spot(self, word: int | None = None) -> Spot:
        """Its place: of one of its words, the name being 0; else from its name to its last word."""
        if not self.words:
            return Spot(self.file, Span(0, 0))
        if word is None:
            return Spot(self.file, Span(self.words[0].start, self.words[-1].end))
        found = self.words[min(word, len(self.words) - 1)]
        return Spot(self.file, Span(found.start, found.end))

    def statement(self) -> Statement:
        """The same as a plain statement."""
        block = None if self.children is None else tuple(one.statement() for one in self.children)
        return Statement(self.name, self.args, block, self.line)

    def __str__(self) -> str:
        return " ".join((self.name, *self.args))

    def __repr__(self) -> str:
        return f"<{self} at {self.file.name}:{self.line}>"
