"""Where each key and value of a TOML document stands in its text.

Knows how TOML is written; must not know what a document means, nor report what is wrong with it:
tomllib has accepted the text before. Text that cannot be followed all the same ends the search.
"""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from nginxgen.source import Path, Place, Span

DEEPEST = 100
"""The longest path noted. Without a bound, n levels of nesting would need paths of n² steps in all."""

_KeyPart: TypeAlias = tuple[str, Span]

# Every repetition is possessive ("*+"): no text makes a pattern try twice.
_BASIC = r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"'
_LITERAL = r"'[^'\n]*+'"
_LONG_BASIC = r'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*"{3,5}+'
_LONG_LITERAL = r"'''[^']*+(?:'(?!'')[^']*+)*'{3,5}+"
_DATE_SPACE_TIME = r"\d{4}-\d\d-\d\d \d[\d:.Zz+-]*+"
_WORD = r"[\w.:+-]++"
_SCALAR = f"{_LONG_BASIC}|{_BASIC}|{_LONG_LITERAL}|{_LITERAL}|{_DATE_SPACE_TIME}|{_WORD}"

_VALUE = re.compile(rf"[ \t]*+([\[{{]|{_SCALAR})", re.DOTALL | re.ASCII)
_KEY_PART = re.compile(rf"[ \t]*+([\w-]++|{_BASIC}|{_LITERAL})[ \t]*+(\.|=|\]\]?+)", re.ASCII)
_GAP = re.compile(r"[ \t\r\n,]*+(?:#[^\n]*+[ \t\r\n,]*+)*")


def toml_places(text: str) -> dict[Path, Place]:
    """The place of every table, key, value and list element of a document tomllib has accepted.

    Paths are those of tomllib's data, but for the root's and those longer than ``DEEPEST``.
    """
    reader = _Reader(text)
    with suppress(_LostError):
        reader.read_document()
    return reader.places


class _LostError(Exception):
    """The text goes on in a way that TOML does not."""


@dataclass(slots=True)
class _Open:
    """An array or inline table whose closing bracket has not been reached."""

    path: Path | None
    key: Span | None
    start: int
    is_table: bool
    elements: int = 0


class _Reader:
    """Walks through a text once. A path of ``None`` is one too long to note."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: dict[Path, Place] = {}
        self.last_element: dict[Path | None, int] = {}  # of each list made by [[headers]]

    def read_document(self) -> None:
        table: Path | None = ()
        self._read(_GAP)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._read_header()
            else:
                self._read_value(*self._read_key_of_value(table))
            self._read(_GAP)

    def _read(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _LostError
        self.at = match.end()
        return match

    def _note(self, path: Path | None, key: Span | None, value: Span) -> None:
        if path is not None:
            self.places[path] = Place(key, value)

    def _note_first(self, path: Path | None, key: Span | None, value: Span) -> None:
        if path not in self.places:
            self._note(path, key, value)

    def _read_header(self) -> Path | None:
        """Read ``[a.b]`` or ``[[a.b]]``; the path of the table that it begins."""
        start = self.at
        is_list = self.text.startswith("[[", start)
        self.at += 2 if is_list else 1
        *outer, (name, key) = self._read_key("]]" if is_list else "]")
        header = Span(start, self.at)
        path = _below(self._enter_tables((), outer, header), name)
        if is_list:
            self._note_first(path, key, header)
            self.last_element[path] = self.last_element.get(path, -1) + 1
            path = self._last_element_of(path)
        self._note(path, None if is_list else key, header)
        return path

    def _read_key_of_value(self, table: Path | None) -> tuple[Path | None, Span]:
        """Read ``a.b =``; the value's path and the last part of its key."""
        *outer, (name, key) = self._read_key("=")
        return _below(self._enter_tables(table, outer), name), key

    def _read_key(self, closing: str) -> list[_KeyPart]:
        """Read a key's parts, and what closes the key."""
        parts = []
        separator = "."
        while separator == ".":
            part = self._read(_KEY_PART)
            parts.append((_key_name(part[1]), Span(*part.span(1))))
            separator = part[2]
        if separator != closing:
            raise _LostError
        return parts

    def _enter_tables(self, path: Path | None, keys: list[_KeyPart], header: Span | None = None) -> Path | None:
        """The path of the table that keys lead to; a new one stands at the header or at the keys so far."""
        for name, key in keys:
            path = _below(path, name)
            self._note_first(path, key, header or Span(keys[0][1].start, key.end))
            path = self._last_element_of(path)
        return path

    def _last_element_of(self, path: Path | None) -> Path | None:
        """What a key refers to: the last element of a list made by headers, or else the table itself."""
        number = self.last_element.get(path)
        return path if number is None else _below(path, number)

    def _read_value(self, path: Path | None, key: Span | None) -> None:
        """Read a value and all that is in it."""
        opened = self._begin_value(path, key)
        stack = [opened] if opened else []
        while stack:
            self._read(_GAP)
            inside = stack[-1]
            if self.text.startswith(("]", "}"), self.at):
                self.at += 1
                self._note(inside.path, inside.key, Span(inside.start, self.at))
                stack.pop()
                continue
            if inside.is_table:
                opened = self._begin_value(*self._read_key_of_value(inside.path))
            else:
                opened = self._begin_value(_below(inside.path, inside.elements), None)
                inside.elements += 1
            if opened:
                stack.append(opened)

    def _begin_value(self, path: Path | None, key: Span | None) -> _Open | None:
        """Read a scalar, or the opening bracket of what is then returned as open."""
        written = Span(*self._read(_VALUE).span(1))
        if self.text[written.start] in "[{":
            return _Open(path, key, written.start, is_table=self.text[written.start] == "{")
        self._note(path, key, written)
        return None


def _below(path: Path | None, step: str | int) -> Path | None:
    return None if path is None or len(path) == DEEPEST else (*path, step)


def _key_name(written: str) -> str:
    if written[0] not in "\"'":
        return written
    if "\\" not in written:
        return written[1:-1]
    try:
        name: str = tomllib.loads("key = " + written)["key"]
    except tomllib.TOMLDecodeError:
        raise _LostError from None
    return name
