r"""Any text to its tokens, each with its place, by the rules of nginx's own lexer (ngx_conf_read_token).

What nginx refuses is told with its place. `conf.token` writes and reads the clean subset that the proof is held to;
this one reads what others wrote. Shown against both binaries by tests/real_nginx/test_lexer.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from nginxgen.conf.token import decode

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]++)
    |(?P<comment>\#[^\n]*+)
    |(?P<mark>[;{}])
    |(?P<double>"[^"\\]*+(?:\\[\s\S][^"\\]*+)*")
    |(?P<single>'[^'\\]*+(?:\\[\s\S][^'\\]*+)*')
    |(?P<open>["'])
    |(?P<bare>(?:[^ \t\r\n;{\\$]++|\\[\s\S]|\$\{?)+)
    |(?P<end>\\)""",
    re.VERBOSE,
)
_AFTER_STRING = frozenset(" \t\r\n;{)")
_LUA = re.compile(
    r"""--\[(?P<comment>=*)\[[\s\S]*?\](?P=comment)\]
    |--[^\n]*
    |"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'
    |\[(?P<long>=*)\[[\s\S]*?\](?P=long)\]
    |(?P<brace>[{}])""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """A word (``kind`` is "word"), a mark (";", "{", "}") or a comment ("#"), and where it stands."""

    kind: str
    value: str
    """What nginx makes of a word; of a comment, its text."""
    start: int
    end: int
    is_quoted: bool = False


class Refused(ValueError):
    """What nginx would not read, and where it begins."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """Every token of a text, from an offset on.

    Raises:
        Refused: where nginx would stop reading.
    """
    found = _TOKEN.match(text, start)
    while found:
        kind, start, end = found.lastgroup, found.start(), found.end()
        if kind == "bare":
            yield Token("word", decode(found[0]), start, end)
        elif kind == "mark":
            yield Token(found[0], found[0], start, end)
        elif kind in ("double", "single"):
            if end < len(text) and text[end] not in _AFTER_STRING:
                raise Refused(f"a string is followed by {text[end]!r}, and not by a blank or the end", end, end + 1)
            yield Token("word", decode(found[0][1:-1]), start, end, is_quoted=True)
        elif kind == "comment":
            yield Token("#", found[0], start, end)
        elif kind in ("open", "end"):
            reason = "a string that never ends" if kind == "open" else "the text ends behind a backslash"
            raise Refused(reason, start, end)
        found = _TOKEN.match(text, end)


def end_of_lua(text: str, start: int) -> int | None:
    """Where the ``}`` of a block of Lua stands, which begins behind ``start``; None when it never ends."""
    depth = 1
    for found in _LUA.finditer(text, start):
        if found["brace"]:
            depth += 1 if found["brace"] == "{" else -1
            if not depth:
                return found.start()
    return None
