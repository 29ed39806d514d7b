"""What children print: bytes made into lines, and lines written to a terminal, pipe or file that may be stuck.

Knows nothing of processes or clusters. Nothing here waits for whoever reads, or grows without bound.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

LONGEST = 8192
"""How many bytes of a line are kept."""
WAITING = 1 << 20
"""How many characters may wait for a stream that is stuck."""
REMEMBERED = 1 << 20
"""How many characters of old lines are kept for who asks later."""
OWN = "nginxgen"
"""The source of what the supervisor itself says."""

_COLOUR = r"\x1b\[[0-9;:]*m"
_COLOURS = re.compile(_COLOUR)
# C0 without TAB, DEL, C1, what separates lines or turns their direction, and lone surrogates; a colour is left alone.
_HIDDEN = re.compile(f"({_COLOUR})|[\0-\x08\n-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_PALETTE = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
_RESET = "\x1b[0m"


def printable(text: str) -> str:
    """A text in which everything that would move the cursor is escaped; colours stay."""
    return _HIDDEN.sub(_escape, text)


def without_colours(text: str) -> str:
    """A text for who is no terminal."""
    return _COLOURS.sub("", text) if "\x1b" in text else text


def _escape(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class Lines:
    """Tells a child's output line by line, whatever its bytes are and wherever they are cut."""

    def __init__(self, tell: Callable[[str], None], keep: int = 20) -> None:
        self._tell = tell
        self._begun = bytearray()
        self._dropped = 0
        self.last: deque[str] = deque(maxlen=keep)

    def feed(self, data: bytes) -> None:
        """Take what was read."""
        *whole, rest = data.split(b"\n")
        for part in whole:
            self._add(part)
            self._end()
        self._add(rest)

    def close(self) -> None:
        """Tell the half of a line that the child ended with."""
        if self._begun or self._dropped:
            self._end()

    def _add(self, part: bytes) -> None:
        room = LONGEST - len(self._begun)
        self._begun += part[:room]
        self._dropped += max(0, len(part) - room)

    def _end(self) -> None:
        data, dropped = bytes(self._begun), self._dropped
        self._begun.clear()
        self._dropped = 0
        if dropped:  # perhaps amid a character, whose first bytes are then no error
            text = codecs.getincrementaldecoder("utf-8")("backslashreplace").decode(data)
        else:
            text = data.removesuffix(b"\r").decode("utf-8", "backslashreplace")
        line = printable(text) + (f" … [{dropped} more bytes]" if dropped else "")
        self.last.append(line)
        self._tell(line)


@dataclass(frozen=True, slots=True)
class _Line:
    time: float
    source: str
    text: str
    dropped_before: int

    @property
    def size(self) -> int:
        return len(self.source) + len(self.text) + 64


class Console:
    """Writes lines to a stream from a thread of its own; while the stream is stuck, what comes last is dropped.

    The last lines are also kept for who asks later, those that were dropped here included.

    Args:
        stream: where to write.
        format: ``text``, or ``json`` for an object a line.
        limit: how many characters may wait.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        stream: TextIO,
        format: str = "text",
        limit: int = WAITING,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._to = _Stream(stream)
        self._json = format == "json"
        self._coloured = stream.isatty() and not os.environ.get("NO_COLOR")
        self._limit = limit
        self._clock = clock
        self._width = len(OWN)
        self._colours = {OWN: 1}
        self._changed = threading.Condition()
        self._waiting: deque[_Line] = deque()
        self._waiting_size = 0
        self._dropped = 0
        self._closed = False
        self._kept: deque[_Line] = deque()
        self._kept_size = 0
        self._count = 0
        self._writer = threading.Thread(target=self._write, name="nginxgen-console", daemon=True)
        self._writer.start()

    @property
    def gone(self) -> bool:
        """Whether nobody reads any more; lines are then only remembered."""
        return self._to.gone

    def line(self, prefix: str, text: str) -> None:
        """Write a line of a child's; returns at once."""
        with self._changed:
            line = _Line(self._clock(), prefix, text, self._dropped)
            self._remember(line)
            if self._closed or self._to.gone:
                return
            if self._waiting and self._waiting_size + line.size > self._limit:
                self._dropped += 1
                return
            self._dropped = 0
            self._waiting.append(line)
            self._waiting_size += line.size
            self._changed.notify()

    def event(self, text: str) -> None:
        """Write what the supervisor has to say; returns at once."""
        self.line(OWN, text)

    def recent(self, lines: int, after: int = 0) -> list[dict[str, Any]]:
        """The last lines, each with its number, counted from 1; only those whose number is larger than ``after``."""
        with self._changed:
            found = list(self._kept)
            first = self._count - len(found) + 1
        start = max(0, len(found) - max(0, lines), after + 1 - first)
        return [{"number": first + at, **_fields(found[at])} for at in range(start, len(found))]

    def close(self, limit: float = 1.0) -> None:
        """Write what can be written within some seconds."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._writer.join(limit)

    def _remember(self, line: _Line) -> None:
        self._count += 1
        self._kept.append(line)
        self._kept_size += line.size
        while self._kept_size > REMEMBERED:
            self._kept_size -= self._kept.popleft().size

    def _write(self) -> None:
        while lines := self._taken():
            self._to.write("".join(map(self._shown, lines)), exactly=self._json)

    def _taken(self) -> list[_Line]:
        """What there is to write, once there is something; nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._dropped or self._closed)
            found = list(self._waiting)
            self._waiting.clear()
            self._waiting_size = 0
            if not found and self._dropped:
                found.append(_Line(self._clock(), "", "", self._dropped))
                self._dropped = 0
            return found

    def _shown(self, line: _Line) -> str:
        said = ""
        if line.dropped_before:
            count = line.dropped_before
            told = f"{count} line{'' if count == 1 else 's'} dropped: the output was not read fast enough"
            said = self._formatted(_Line(line.time, OWN, told, 0))
        return said + self._formatted(line) if line.source or line.text else said

    def _formatted(self, line: _Line) -> str:
        if self._json:
            return json.dumps(_fields(line), ensure_ascii=not self._to.is_utf8) + "\n"
        self._width = max(self._width, min(len(line.source), 32))
        prefix = f"{printable(line.source):<{self._width}} | "
        parts = [printable(part) for part in line.text.split("\n")]
        if not self._coloured:
            return "".join(f"{prefix}{without_colours(part)}\n" for part in parts)
        if line.source not in self._colours and len(self._colours) < 1000:
            self._colours[line.source] = _PALETTE[(len(self._colours) - 1) % len(_PALETTE)]
        prefix = f"\x1b[{self._colours.get(line.source, 0)}m{prefix}{_RESET}"
        return "".join(prefix + part + (_RESET if "\x1b" in part else "") + "\n" for part in parts)


def as_json(text: str) -> str:
    """A line of what the supervisor has to say, as a console in JSON would write it."""
    return json.dumps(_fields(_Line(time.time(), OWN, text, 0)))


def _fields(line: _Line) -> dict[str, str]:
    moment = datetime.fromtimestamp(line.time, UTC).isoformat(timespec="milliseconds")
    message = "".join("�" if "\ud800" <= one <= "\udfff" else one for one in without_colours(line.text))
    return {"time": moment.replace("+00:00", "Z"), "source": line.source, "message": message}


class _Stream:
    """A text stream, written past its buffer where it has a descriptor.

    A thread that is stuck within Python's own buffer would take the whole process down at its end.
    """

    def __init__(self, stream: TextIO) -> None:
        self.gone = False
        self._stream = stream
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self.is_utf8 = codecs.lookup(self._encoding).name == "utf-8"
        try:
            stream.flush()
            self._handle: int | None = stream.fileno()
        except (OSError, ValueError):
            self._handle = None

    def write(self, text: str, exactly: bool = False) -> None:
        """Write all of a text; when that fails, nobody reads any more.

        Args:
            text: what to write.
            exactly: it has only characters that the stream can hold.
        """
        if self.gone:
            return
        data = text.encode(self._encoding, "strict" if exactly else "backslashreplace")
        try:
            if self._handle is None:
                self._stream.write(data.decode(self._encoding))
                self._stream.flush()
                return
            rest = memoryview(data)
            while rest:
                try:
                    rest = rest[os.write(self._handle, rest) :]
                except BlockingIOError:  # somebody who shares the terminal has made it so
                    waiting = select.poll()
                    waiting.register(self._handle, select.POLLOUT)
                    waiting.poll(1000)
        except (OSError, ValueError):
            self.gone = True
