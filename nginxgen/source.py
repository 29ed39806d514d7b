"""Where text came from: files, offsets in them, and the line a person sees.

Knows nothing of nginx, TOML or messages.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value in a cluster: keys of tables and positions in lists."""


class Span(NamedTuple):
    """A stretch of a text, in characters from its beginning; ``end`` is not part of it."""

    start: int
    end: int


class Place(NamedTuple):
    """Where a key and its value stand in a file; a list's element has no key."""

    key: Span | None
    value: Span


class SourceFile:
    """A file's name, as the user gave it, and its text."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        at = self.text.find("\n")
        while at != -1:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column counted from 1, kept inside the text."""
        line = min(max(line, 1), len(self._line_starts))
        return min(self._line_starts[line - 1] + column - 1, len(self.text))

    def line(self, number: int) -> str:
        """A line's text without its line ending."""
        start = self._line_starts[number - 1]
        end = self.text.find("\n", start)
        return (self.text[start:] if end == -1 else self.text[start:end]).rstrip("\r")
