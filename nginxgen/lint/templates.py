"""What in a text is filled in later: many configurations are templates of another program, and are judged as such."""

from __future__ import annotations

import re

_HOLE = re.compile(
    r"\{\{|\{%|<%|<[A-Za-z]|\$\{?[A-Z][A-Z0-9_]*\b|%[A-Za-z_(]|@[A-Za-z_]+@|__\w+__|\[\[|#\{|\bXXX|\?\?\?"
)


def is_filled_in(word: str) -> bool:
    """Whether another program puts a value into a word before nginx reads it."""
    return _HOLE.search(word) is not None
