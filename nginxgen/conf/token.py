r"""How nginx writes and reads one parameter: `quote` and its inverse `decode`.

Knows nginx's lexer (src/core/ngx_conf_file.c, ngx_conf_read_token, the same from 1.18 to 1.31) and where
crossplane's differs from it, and nothing of directives. The subset that `quote` writes is read alike by both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

MAX_BYTES = 4090
"""nginx reads a parameter into a buffer of 4,096 bytes, with its quotes and what follows it (measured: 4,093)."""

_BARE = re.compile(r"[A-Za-z0-9_./:@%+=,~*!?&^|<>()\[\]$-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HARD_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPES = str.maketrans({'"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_MEANT_BACKSLASH = re.compile(r"""\\(?=["'\\trn\t\r\n]|\Z)""")
"""A backslash that nginx would take with what follows it; any other it keeps, as in "\\.php$"."""
_SINGLE = re.compile(r"""[^'\\\x00-\x1f\x7f]*"[^'\\\x00-\x1f\x7f]*""")
_ESCAPED = re.compile(r"\\([\"'\\trn])")
_DECODED = {'"': '"', "'": "'", "\\": "\\", "t": "\t", "r": "\r", "n": "\n"}


class Unrepresentable(ValueError):
    """No nginx.conf can hold this value; the message says why."""


class MultiLine(str):
    """A text that may hold tabs and line ends: the body of an answer, a log format."""

    __slots__ = ()


@lru_cache(maxsize=8192, typed=True)
def quote(value: str) -> str:
    """The one parameter that nginx reads as exactly ``value``.

    Raises:
        Unrepresentable: for control characters (a `MultiLine` may hold TAB, LF and CR), for what UTF-8 cannot
            encode, and for what is longer than nginx's buffer.
    """
    if _BARE.fullmatch(value) and len(value) <= MAX_BYTES:
        return value
    if problem := unrepresentable(value):
        raise Unrepresentable(problem)
    if _SINGLE.fullmatch(value):
        return f"'{value}'"
    return f'"{_escaped(value)}"'


def _escaped(value: str) -> str:
    return _MEANT_BACKSLASH.sub(r"\\\\", value).translate(_ESCAPES)


def unrepresentable(value: str) -> str | None:
    """Why nginx.conf cannot hold ``value``; None when it can."""
    if problem := unwritable(value):
        return problem
    if (size := len(_escaped(value).encode())) > MAX_BYTES:
        return f"takes {size:,} bytes; nginx reads at most {MAX_BYTES:,} in one parameter"
    return None


def unwritable(value: str) -> str | None:
    """Why no file for people can hold ``value``, however long it is; None when one can."""
    if found := (_HARD_CONTROL if isinstance(value, MultiLine) else _CONTROL).search(value):
        return f"holds the control character U+{ord(found[0]):04X}"
    try:
        value.encode()
    except UnicodeEncodeError as error:
        return f"holds U+{ord(value[error.start]):04X}, half of a surrogate pair, which UTF-8 cannot encode"
    return None


def decode(raw: str) -> str:
    r"""What nginx makes of a parameter's text between its quotes: only \" \' \\ \t \r \n are translated."""
    if "\\" not in raw:
        return raw
    return _ESCAPED.sub(lambda found: _DECODED[found[1]], raw)


# The forms of which a text may consist, so that nginx and crossplane read the same statements. Left out is what
# they read differently or what one of them lets pass: "${x}" and "}" in bare words, strings that touch, CR, a
# BOM, blanks beyond ASCII, backslashes outside double quotes, comments between parameters, a statement without
# its ";" and a last token that never ends.
# Possessive are only repetitions of one character: of groups, Python 3.11.2 (Debian 12) gets them wrong (gh-106052).
_QUOTED = r"""(?:"[^"\\\x00-\x1f\x7f]*+(?:\\[^\x00-\x1f\x7f][^"\\\x00-\x1f\x7f]*+)*"|'[^'\\\x00-\x1f\x7f]*+')"""
_WORD = rf"(?:[A-Za-z0-9_./:@%+=,~*!?&^|<>()\[\]$-]++|{_QUOTED})"
_STATEMENT = rf"{_WORD}(?:[ \n\t]++{_WORD})*(?:[ \n\t]*+;|[ \n\t]++\{{)"
_CLEAN = re.compile(rf"[ \n\t]++|\}}|#[^\r\n\x00]*+\n|{_STATEMENT}")
_TOKEN = re.compile(rf"(?P<word>{_WORD})|(?P<mark>[;{{}}])|(?P<line>\n)|#[^\n]*+|[ \t]++")


def find_unclean(text: str) -> int | None:
    """Where a text leaves the forms that nginx and crossplane read alike; None when it is clean to its end."""
    end = 0
    while found := _CLEAN.match(text, end):
        end = found.end()
    return None if end == len(text) else end


class Word(NamedTuple):
    """A parameter in a clean text, decoded, and where it stands; marks (";", "{", "}") have no value."""

    value: str | None
    mark: str
    start: int
    end: int
    line: int


def words(text: str) -> Iterator[Word]:
    """The tokens of a clean text, read by nginx's rules and not by crossplane's: the proof's third reader."""
    line = 1
    for found in _TOKEN.finditer(text):
        if found.lastgroup == "word":
            raw = found[0]
            value = decode(raw[1:-1]) if raw[0] in "\"'" else raw
            yield Word(value, "", found.start(), found.end(), line)
        elif found.lastgroup == "mark":
            yield Word(None, found[0], found.start(), found.end(), line)
        elif found.lastgroup == "line":
            line += 1
