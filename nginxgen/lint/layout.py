"""How a file is laid out: what stands before lines and behind them, words with line ends in them left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from nginxgen.diagnostic import Spot
from nginxgen.foreign import Configuration, Node
from nginxgen.source import SourceFile, Span

_INDENT = re.compile(r"^([ \t]*)(?=[^\s#])", re.MULTILINE)
_TRAILING = re.compile(r"[ \t]+(?=\r?$)", re.MULTILINE)
_TAB = 8


class Line(NamedTuple):
    """The blanks before a line, and where they are."""

    indent: str
    file: SourceFile
    start: int

    def spot(self) -> Spot:
        """The indentation's place."""
        return Spot(self.file, Span(self.start, self.start + len(self.indent)))


def lines(configuration: Configuration, file: SourceFile) -> Iterator[Line]:
    """Every line on which a directive begins or a block ends, with what stands before it."""
    kept = _kept(configuration, file)
    for found in _INDENT.finditer(file.text):
        if not kept.holds(found.start()):
            yield Line(found[1], file, found.start())


def trailing_blanks(configuration: Configuration, file: SourceFile) -> Iterator[Spot]:
    """The blanks at the ends of lines; those inside quotes or code belong to a value."""
    kept = _kept(configuration, file)
    for found in _TRAILING.finditer(file.text):
        if not kept.holds(found.start()):
            yield Spot(file, Span(found.start(), found.end()))


def column(node: Node) -> int:
    """How far from the left a directive begins, with tabs every eight columns."""
    return len(_before(node).expandtabs(_TAB))


def is_first_on_its_line(node: Node) -> bool:
    """Whether nothing but blanks stands before it."""
    return not _before(node).strip()


def _before(node: Node) -> str:
    text = node.file.text
    return text[text.rfind("\n", 0, node.start) + 1 : node.start]


class _Kept:
    """The stretches of a file that are values over several lines, in order."""

    def __init__(self, spans: list[Span]) -> None:
        self.spans = spans
        self.at = 0

    def holds(self, offset: int) -> bool:
        """Whether an offset lies in one; offsets are asked for from the beginning on."""
        while self.at < len(self.spans) and self.spans[self.at].end <= offset:
            self.at += 1
        return self.at < len(self.spans) and self.spans[self.at].start < offset


def _kept(configuration: Configuration, file: SourceFile) -> _Kept:
    spans = []
    for node in configuration.walk():
        if node.file is file:
            spans += [Span(one.start, one.end) for one in node.words if "\n" in one.value]
            if node.name.endswith("_by_lua_block"):
                spans.append(Span(node.end, node.close))
    # Where the reading stopped, nothing is known of what follows.
    broken = [
        one.where.span.start for one in configuration.problems if isinstance(one.where, Spot) and one.where.file is file
    ]
    if broken:
        spans.append(Span(min(broken) - 1, len(file.text) + 1))
    return _Kept(sorted(spans))
