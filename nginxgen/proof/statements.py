"""A clean text's statements with the places of their words, so that single words can be replaced in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nginxgen.conf.grammar import inner_context
from nginxgen.conf.token import Word, words


class Located(NamedTuple):
    """A statement in a text."""

    name: str
    args: tuple[str, ...]
    words: tuple[Word, ...]
    """The name and the parameters, with their places."""
    context: str
    end: int
    """Behind its ";" or its block's "{"."""
    is_block: bool

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.words[0].start

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return self.words[0].line


class Edit(NamedTuple):
    """A stretch of a text and what stands there instead."""

    start: int
    end: int
    text: str


def locate(text: str) -> Iterator[Located]:
    """Every statement of a clean text; a block comes before what stands in it."""
    contexts = ["main"]
    gathered: list[Word] = []
    for word in words(text):
        if word.value is not None:
            gathered.append(word)
        elif word.mark == "}":
            contexts.pop()
        else:
            values = tuple(one.value or "" for one in gathered)
            yield Located(values[0], values[1:], tuple(gathered), contexts[-1], word.end, word.mark == "{")
            if word.mark == "{":
                contexts.append(inner_context(values[0], contexts[-1]))
            gathered = []


def block_end(text: str, block: Located) -> int:
    """Behind the "}" that closes a block."""
    depth = 1
    for word in words(text[block.end :]):
        depth += {"{": 1, "}": -1}.get(word.mark, 0)
        if depth == 0:
            return block.end + word.end
    return len(text)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with every edit made; of edits that overlap, the one that begins first counts."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits):
        if edit.start >= at:
            parts += [text[at : edit.start], edit.text]
            at = edit.end
    return "".join([*parts, text[at:]])


def blanked(text: str, start: int, end: int) -> Edit:
    """The edit that leaves nothing of a stretch but its line ends, so that lines keep their numbers."""
    return Edit(start, end, "\n" * text.count("\n", start, end))
