"""What in a text is filled in later: many configurations are templates of another program, and are judged as such."""

from __future__ import annotations

import re

from nginxgen.foreign import Node

_HOLE = re.compile(
    r"\{\{|\{%|<%|<[A-Za-z]|\$\{?[A-Z][A-Z0-9_]*\b|%[A-Za-z_(]|@[A-Za-z_]+@|__\w+__|\[\[|#\{|\bXXX|\?\?\?"
)


def is_filled_in(word: str) -> bool:
    """Whether another program puts a value into a word before nginx reads it."""
    return _HOLE.search(word) is not None


def opens_a_hole(node: Node) -> bool:
    """Whether what was read as the beginning of a block is that of a hole, as in ``listen {{port}}``."""
    return node.children is not None and node.file.text[node.end : node.end + 1] in ("{", "%", "#")
