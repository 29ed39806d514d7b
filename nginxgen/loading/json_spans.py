"""Where each key and value of a JSON document stands in its text.

Knows how JSON is written; must not know what a document means, nor report what is wrong with it:
json.loads has accepted the text before. Text that cannot be followed all the same ends the search.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from nginxgen.source import Path, Place, Span

DEEPEST = 100
"""The longest path noted. Without a bound, n levels of nesting would need paths of n² steps in all."""

# Every repetition is possessive ("*+"): no text makes a pattern try twice.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*"'
_TOKEN = re.compile(rf"[ \t\r\n,:]*+({_STRING}|[\w.+-]++|[\[\]{{}}])", re.DOTALL | re.ASCII)


def json_places(text: str) -> dict[Path, Place]:
    """The place of every key, value and list element of a document json.loads has accepted.

    Paths are those of json.loads' data, but for those longer than ``DEEPEST``. Of a key written twice
    the last counts, as for json.loads; places inside the earlier value may remain.
    """
    places: dict[Path, Place] = {}
    stack: list[_Open] = []
    at = 0
    while () not in places and (token := _TOKEN.match(text, at)):
        start, at = token.span(1)
        inside = stack[-1] if stack else None
        if text[start] in "]}":
            if inside is None:
                break
            stack.pop()
            _note(places, inside.path, inside.key, Span(inside.start, at))
        elif inside and inside.is_object and inside.member is None:
            name = _key_name(token[1])
            if name is None:
                break
            inside.member = (name, Span(start, at))
        else:
            path, key = inside.next_value() if inside else ((), None)
            if text[start] in "[{":
                stack.append(_Open(path, key, start, is_object=text[start] == "{"))
            else:
                _note(places, path, key, Span(start, at))
    return places


@dataclass(slots=True)
class _Open:
    """An array or object whose closing bracket has not been reached."""

    path: Path | None  # None: too long to note
    key: Span | None
    start: int
    is_object: bool
    elements: int = 0
    member: tuple[str, Span] | None = None  # the key whose value comes next

    def next_value(self) -> tuple[Path | None, Span | None]:
        """The path and key of the value that comes next in here."""
        if self.member is None:
            self.elements += 1
            return _below(self.path, self.elements - 1), None
        name, key = self.member
        self.member = None
        return _below(self.path, name), key


def _below(path: Path | None, step: str | int) -> Path | None:
    return None if path is None or len(path) == DEEPEST else (*path, step)


def _note(places: dict[Path, Place], path: Path | None, key: Span | None, value: Span) -> None:
    if path is not None:
        places[path] = Place(key, value)


def _key_name(written: str) -> str | None:
    if written[0] != '"':
        return None
    if "\\" not in written:
        return written[1:-1]
    try:
        name: str = json.loads(written)
    except json.JSONDecodeError:
        return None
    return name
