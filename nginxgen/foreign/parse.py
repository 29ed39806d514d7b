"""Text of a configuration to nodes, in any context, with what nginx would refuse to read as findings.

Reads one file; what an include names is given by whoever knows files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from nginxgen.conf.lexer import Refused, Token, end_of_lua, tokens
from nginxgen.diagnostic import Diagnostic, Spot, error
from nginxgen.foreign.node import Node
from nginxgen.source import SourceFile, Span

DEEPEST = 64
"""How deep blocks and includes may stand in each other; nginx itself ends by a signal when an include names itself."""
_LUA_BLOCK = "_by_lua_block"

Include = Callable[[Node, Node], None]
"""Puts the files that an include names into the block in which it stands."""


class Comment(NamedTuple):
    """A comment, and whether it has its line for itself."""

    text: str
    span: Span
    is_alone: bool


class Parser:
    """One file on its way to nodes."""

    def __init__(self, file: SourceFile, include: Include) -> None:
        self.file = file
        self.comments: list[Comment] = []
        self.problems: list[Diagnostic] = []
        self._include = include
        self._level: Node

    def parse(self, into: Node) -> None:
        """Put what the file says into a block."""
        self._level = into
        words: list[Token] = []
        try:
            at = 0
            while at < len(self.file.text):
                at = self._parse_from(at, words, into)
            if words:
                self._refuse('the file ends before the ";" or "{"', words[0].start, words[-1].end)
            elif self._level is not into:
                self._refuse(f'the block of {self._level.name} never ends; it lacks a "}}"', *_of(self._level.words))
        except Refused as problem:
            self._refuse(str(problem), problem.start, problem.end)

    def _parse_from(self, start: int, words: list[Token], into: Node) -> int:
        """Parse to the end, or to a block of another language; where to go on."""
        for token in tokens(self.file.text, start):
            if token.kind == "word":
                words.append(token)
            elif token.kind == "#":
                before = self.file.text[self.file.text.rfind("\n", 0, token.start) + 1 : token.start]
                self.comments.append(Comment(token.value, Span(token.start, token.end), not before.strip()))
            elif token.kind == "}":
                self._close(token, words, into)
            else:
                if not words:
                    raise Refused(f'"{token.kind}" without a directive before it', token.start, token.end)
                node = Node(self.file, tuple(words), token.end, self._level, self._level.inner, token.kind == "{")
                words.clear()
                if token.kind == "{" and node.name.endswith(_LUA_BLOCK):
                    return self._skip_lua(node)
                self._add(node)
        return len(self.file.text)

    def _close(self, token: Token, words: Sequence[Token], into: Node) -> None:
        if words:
            raise Refused('"}" before the ";" of the directive', token.start, token.end)
        if self._level is into or self._level.parent is None:
            raise Refused('"}" without a block that it could end', token.start, token.end)
        self._level.close = token.end
        self._level = self._level.parent

    def _add(self, node: Node) -> None:
        level = self._level
        assert level.children is not None
        if node.name == "include" and node.children is None and node.args:
            self._include(node, level)
            return
        level.children.append(node)
        if node.children is not None:
            if sum(1 for _ in node.around()) > DEEPEST:
                raise Refused(f"more than {DEEPEST} blocks inside each other", *_of(node.words))
            self._level = node

    def _skip_lua(self, node: Node) -> int:
        end = end_of_lua(self.file.text, node.end)
        if end is None:
            raise Refused(f'the block of {node.name} never ends; it lacks a "}}"', *_of(node.words))
        assert self._level.children is not None
        node.close = end + 1
        self._level.children.append(node)
        return node.close

    def _refuse(self, message: str, start: int, end: int) -> None:
        self.problems.append(error("NG100", message, Spot(self.file, Span(start, end)), "nginx reads no further"))


def _of(words: Sequence[Token]) -> tuple[int, int]:
    return words[0].start, words[-1].end
