"""Text of a configuration to its tree, through crossplane, with crossplane's gaps closed.

The only module that imports crossplane. Its checks of names and contexts stand at nginx 1.17 and are left to
`conf.grammar`; its builder changes values and is not used.
"""

from __future__ import annotations

import os
import re
import tempfile
from typing import Any

import crossplane

from nginxgen.conf.token import MAX_BYTES, decode, find_unclean, words
from nginxgen.conf.tree import Statement, Tree

_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


class Unreadable(ValueError):
    """A text that nginx and crossplane would not read alike, or not at all."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def read_tree(text: str) -> Tree:
    """The tree of a configuration's text.

    Raises:
        Unreadable: where the text leaves the forms that nginx and crossplane read alike, or crossplane fails.
    """
    if (at := find_unclean(text)) is not None:
        line = text.count("\n", 0, at) + 1
        shown = text[at : at + 40].split("\n")[0]
        raise Unreadable(f"the text is not in the forms that nginx and crossplane read alike, from {shown!r} on", line)
    if (long := _too_long(text)) is not None:
        raise Unreadable(f"a word or comment of more than {MAX_BYTES:,} bytes, which nginx does not read", long)
    payload = _parse(text)
    for error in payload["errors"]:
        raise Unreadable(f"crossplane: {error['error'] or 'the text ends in the middle'}", error["line"] or 1)
    return _statements(payload["config"][0]["parsed"])


def _too_long(text: str) -> int | None:
    """The line of a word or comment that is too long for nginx's buffer; crossplane would not mind."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) <= MAX_BYTES // 4 or len(line.encode()) <= MAX_BYTES:
            continue
        if line.lstrip().startswith("#") or any(_bytes(line[one.start : one.end]) > MAX_BYTES for one in words(line)):
            return number
    return None


def _bytes(word: str) -> int:
    return len(word.strip("\"'").encode())


def _parse(text: str) -> dict[str, Any]:
    # crossplane reads files only, and each blank by itself: without indentation it takes a quarter less time. In a
    # clean text no word goes over a line's end, so that nothing else changes, and lines keep their numbers.
    handle, path = tempfile.mkstemp(prefix="nginxgen-", suffix=".conf")
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(_INDENTATION.sub("", text))
        payload: dict[str, Any] = crossplane.parse(path, single=True, check_ctx=False, check_args=False)
        return payload
    finally:
        os.unlink(path)


def _statements(parsed: list[dict[str, Any]]) -> Tree:
    return tuple(
        Statement(
            decode(one["directive"]),
            tuple(map(decode, one["args"])),
            _statements(one["block"]) if "block" in one else None,
            one["line"],
        )
        for one in parsed
    )
