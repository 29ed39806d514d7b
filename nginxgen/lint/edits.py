"""Edits that take a directive or a word out and leave no trace of it."""

from __future__ import annotations

import re

from nginxgen.diagnostic import Edit, Spot
from nginxgen.foreign import Node
from nginxgen.source import Span

_COMMENT = re.compile(r"[ \t]*#[^\r\n]*")


def without(node: Node) -> Edit:
    """Take a directive out, with its line when nothing else stands on it."""
    text = node.file.text
    start, end = node.start, node.close if node.children is not None else node.end
    line = text.rfind("\n", 0, start) + 1
    after = text.find("\n", end)
    after = len(text) if after == -1 else after + 1
    if not text[line:start].strip() and not text[end:after].strip():
        start, end = line, after
    return Edit(Spot(node.file, Span(start, end)), "")


def without_word(node: Node, at: int) -> Edit:
    """Take one of a directive's parameters out, with the blank before it."""
    return Edit(Spot(node.file, Span(node.words[at - 1].end, node.words[at].end)), "")


def instead_of_word(node: Node, at: int, text: str) -> Edit:
    """Put another word in the place of one of a directive's words."""
    return Edit(node.spot(at), text)


def behind(node: Node, text: str) -> Edit:
    """Add a line behind a directive's, indented like it; a comment that stands behind the directive stays there."""
    line = node.file.text.rfind("\n", 0, node.start) + 1
    before = node.file.text[line : node.start]
    indent = before if not before.strip() else ""
    comment = _COMMENT.match(node.file.text, node.end)
    end = comment.end() if comment and (indent or not before) else node.end
    return Edit(Spot(node.file, Span(end, end)), f"\n{indent}{text}" if indent or not before else f" {text}")
