"""Datagrams from nginx: a socket for its requests and one for its messages, neither of which blocks it."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path

from nginxgen.supervise.statistics import Receiver, Statistics
from nginxgen.supervise.traffic import Request

_HEADER = re.compile(rb"^<\d+>\w{3} [ \d]\d \d\d:\d\d:\d\d (?:\S+ )?\w+: ")

_PARTICULARS = re.compile(r"\d+")


def requests(path: Path, statistics: Statistics, tell: Callable[[Request], None] | None) -> Receiver:
    """Takes what nginx logs of requests, for the figures and for who wants to see them."""

    def take(data: bytes) -> None:
        request = statistics.feed(data)
        if request is not None and tell is not None:
            tell(request)

    return Receiver(path, take)


def messages(path: Path, tell: Callable[[str], None]) -> Receiver:
    """Takes what nginx writes to its error log."""

    def take(data: bytes) -> None:
        line = _HEADER.sub(b"", data).decode("utf-8", "backslashreplace").rstrip()
        if "send() to syslog failed" not in line:  # a line of requests was lost: the figures are a little lower
            tell(line)

    return Receiver(path, take)


def let_in(receiver: Receiver) -> None:
    """Let nginx's workers write to a socket, which run under another account when all was started as root."""
    if os.geteuid() == 0:
        receiver.path.chmod(0o666)


class Crowd:
    """Messages that come by the hundred when a backend is away: the first few are told, then how many there were."""

    FEW = 3
    SPAN = 1.0

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._counts: dict[str, int] = {}

    def tell(self, line: str) -> None:
        """Tell a message, or count it."""
        kind = _PARTICULARS.sub("#", line.partition(", client:")[0])
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        if count == 1:
            asyncio.get_running_loop().call_later(self.SPAN, self._sum_up, kind, line)
        if count <= self.FEW:
            self._tell(line)

    def _sum_up(self, kind: str, line: str) -> None:
        more = self._counts.pop(kind) - self.FEW
        if more > 0:
            self._tell(f"… and {more} more like it: {line.partition(', client:')[0]}")


class Traffic:
    """Requests as lines: the first of each second one by one, then how many there were, so that none waits for us."""

    FEW = 20
    SPAN = 1.0

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._count = 0

    def tell(self, request: Request) -> None:
        """Tell a request, or count it."""
        self._count += 1
        if self._count == 1:
            asyncio.get_running_loop().call_later(self.SPAN, self._sum_up)
        if self._count <= self.FEW:
            self._tell(str(request))

    def _sum_up(self) -> None:
        more, self._count = self._count - self.FEW, 0
        if more > 0:
            self._tell(f"… and {more:,} more request{'' if more == 1 else 's'} within a second")
