"""What nginx says, on its terminal or in its error log: each message, and the line of the text that it is about.

Knows how nginx writes messages and statements; not where a text came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from nginxgen.model.text import variables_in
from nginxgen.proof.statements import Located

# With "-e stderr" messages look as they do in a log, without it they begin with "nginx:".
_MESSAGE = re.compile(
    r"(?:nginx: |\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )\[(\w+)\] (?:(\d+)#\d+: )?(.*?)(?: in (\S+):(\d+))?$"
)
_MADE_OF = {"server_names_hash": "server_name", "map_hash": "map", "types_hash": "types"}
"""The tables that nginx may find too small, and the directives that fill them."""


class Message(NamedTuple):
    """One line of what nginx says; ``pid``, ``file`` and ``line`` where it names them."""

    level: str
    text: str
    file: str | None = None
    line: int = 0
    pid: int | None = None


class Text(NamedTuple):
    """The text that nginx was given: its file, its statements, and the words that stand for others in it."""

    file: str
    statements: Sequence[Located]
    replaced: Mapping[str, str]
    """What was put in, and what it stands for."""


def read_messages(output: str) -> Iterator[Message]:
    """The messages among the lines that nginx wrote; what is none is left out."""
    for raw in output.split("\n"):
        if match := _MESSAGE.match(raw):
            level, pid, text, file, line = match.groups()
            yield Message(level, text, file, int(line or 0), int(pid) if pid else None)


def find_line(message: Message, text: Text) -> int | None:
    """The line of the text that a message is about."""
    if message.file and message.file != text.file:
        including = (one.line for one in text.statements if one.name == "include" and message.file in one.args)
        return next(including, None)
    # What nginx finds at the end of a block is about something said before.
    if message.line and any(one.line == message.line for one in text.statements):
        return message.line
    return _line_by_words(message.text, text) or message.line or None


def find_including(path: str, text: Text) -> int | None:
    """The line that includes a file of this machine in which a path stands."""
    including = (one for one in text.statements if one.name == "include" and Path(one.args[0]).is_file())
    return next((one.line for one in including if path.encode() in Path(one.args[0]).read_bytes()), None)


def in_original_words(message: Message, text: Text) -> str:
    """What a message says, in the words that the text had before others were put in."""
    said = message.text
    if message.file and message.file != text.file:
        said += f" in {message.file}:{message.line}"
    for put, original in sorted(text.replaced.items(), key=lambda pair: -len(pair[0])):
        said = said.replace(put, original)
    return said


def _line_by_words(said: str, text: Text) -> int | None:
    """The line of the statement that a message without a line is about, by the longest words that both have."""
    scores = [(_likeness(one, said, text.replaced), -one.line) for one in text.statements]
    best, line = max(scores, default=(0, 0))
    if best:
        return -line
    filling = next((name for table, name in _MADE_OF.items() if table in said), None)
    words = [(len(word), -one.line) for one in text.statements if one.name == filling for word in one.args]
    return -max(words)[1] if words else None


def _likeness(statement: Located, said: str, replaced: Mapping[str, str]) -> int:
    """How much a statement and a message have in common: a parameter, quoted or long, or the directive's name."""
    best = len(statement.name) if len(statement.name) > 5 and re.search(rf"\b{statement.name}\b", said) else 0
    for word in statement.args:
        names = {word, *(put for put, original in replaced.items() if original == word)}
        names |= {f'"{variable}"' for variable in variables_in(word)}
        for name in names:
            if f'{statement.name} "{name}"' in said:
                best = max(best, 1000 + len(name))
            elif len(name) > 3 and name in said:
                best = max(best, len(name))
    return best
