"""The shape of a configuration: directives, as they are written and as they are read.

Knows names, parameters and blocks; not which names nginx has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Directive(NamedTuple):
    """A directive to be written: its name, its parameters and, for a block, what stands inside."""

    name: str
    args: tuple[str, ...] = ()
    block: tuple[Directive, ...] | None = None

    def words(self) -> Iterator[str]:
        """Its parameters, and those of the directives inside."""
        yield from self.args
        for inner in self.block or ():
            yield from inner.words()

    def __str__(self) -> str:
        words = " ".join((self.name, *self.args))
        return words if self.block is None else f"{words} {{…}}"


class Statement(NamedTuple):
    """A directive as it was read, its parameters decoded, and the line on which it begins."""

    name: str
    args: tuple[str, ...]
    block: tuple[Statement, ...] | None
    line: int

    def directive(self) -> Directive:
        """The same without its line."""
        block = None if self.block is None else tuple(inner.directive() for inner in self.block)
        return Directive(self.name, self.args, block)


def as_statement(directive: Directive) -> Statement:
    """A directive as if it had been read, on line 0."""
    block = None if directive.block is None else tuple(map(as_statement, directive.block))
    return Statement(directive.name, directive.args, block, 0)


Tree = tuple[Statement, ...]


def walk(tree: Tree) -> Iterator[Statement]:
    """Every statement of a tree, in the order of the text."""
    for statement in tree:
        yield statement
        if statement.block:
            yield from walk(statement.block)
