"""Figures of nginx's traffic, from an access log that it sends to a socket of ours for datagrams.

Knows nothing of clusters, or of who reads the figures.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from nginxgen.errors import Unavailable
from nginxgen.supervise.traffic import Request, read_request

WINDOW = 10
"""How many seconds the figures look back."""
MOST_SERVERS = 4096
"""How many addresses are remembered; those that were not heard of for longest are forgotten."""

_EXACT = 64
_GROWTH = 1.03
_DATAGRAM = 65536
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ServerFigures:
    """Requests per second and times of the last ten seconds; errors and requests since the beginning."""

    requests_per_second: float = 0.0
    p50_ms: float | None = None
    p99_ms: float | None = None
    errors: int = 0
    total: int = 0


class Statistics:
    """Counts what the log tells.

    Args:
        clock: seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._servers: dict[str, _Figures] = {}
        self._total = _Figures()
        self.unreadable = 0
        """How many datagrams were none of nginx's, or not whole."""

    def feed(self, datagram: bytes) -> Request | None:
        """Count a request, and tell it; what cannot be read is only counted as that."""
        request = read_request(datagram)
        if request is None:
            self.unreadable += 1
            return None
        now = int(self._clock())
        self._total.add(now, request.status, request.milliseconds)
        for one in request.tries:
            self._server(one.address).add(now, one.status, one.milliseconds)
        return request

    def per_server(self) -> dict[str, ServerFigures]:
        """The figures of each server by its address, ``10.0.0.1:80`` or ``unix:/path``, tries that failed included."""
        now = self._clock()
        return {address: one.figures(now, self._started) for address, one in self._servers.items()}

    def total(self) -> ServerFigures:
        """The figures of all requests, as clients see them."""
        return self._total.figures(self._clock(), self._started)

    def _server(self, address: str) -> _Figures:
        if (found := self._servers.get(address)) is None:
            if len(self._servers) >= MOST_SERVERS:
                del self._servers[min(self._servers, key=lambda one: self._servers[one].last)]
            found = self._servers[address] = _Figures()
        return found


class _Second:
    """The requests that ended within a second."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.requests = 0
        self.times: Counter[int] = Counter()


class _Figures:
    """What is known of one server."""

    def __init__(self) -> None:
        self.total = 0
        self.errors = 0
        self._seconds: deque[_Second] = deque(maxlen=WINDOW)

    @property
    def last(self) -> int:
        return self._seconds[-1].number if self._seconds else 0

    def add(self, now: int, status: int | None, took: float | None) -> None:
        """Count a request; a status that is None is that of one whose client did not wait."""
        if not self._seconds or self._seconds[-1].number != now:
            self._seconds.append(_Second(now))
        second = self._seconds[-1]
        second.requests += 1
        self.total += 1
        self.errors += status is not None and (status == 0 or status >= 500)
        if took is not None:
            second.times[_bucket(took)] += 1

    def figures(self, now: float, started: float) -> ServerFigures:
        """What there is to say at a moment."""
        recent = [one for one in self._seconds if one.number > int(now) - WINDOW]
        span = min(now - int(now) + WINDOW - 1, now - started)
        times: Counter[int] = Counter()
        for one in recent:
            times.update(one.times)
        return ServerFigures(
            requests_per_second=sum(one.requests for one in recent) / max(span, 1.0),
            p50_ms=_quantile(times, 0.5),
            p99_ms=_quantile(times, 0.99),
            errors=self.errors,
            total=self.total,
        )


def _bucket(took: float) -> int:
    """Where a time is counted: whole milliseconds as they are, long times within 3 %."""
    if took < _EXACT:
        return round(took)
    return _EXACT + int(math.log(took / _EXACT, _GROWTH))


def _middle(bucket: int) -> float:
    if bucket < _EXACT:
        return float(bucket)
    return float(round(_EXACT * _GROWTH ** (bucket - _EXACT + 0.5)))


def _quantile(times: Counter[int], part: float) -> float | None:
    """The time that a part of the requests did not exceed."""
    wanted = part * times.total()
    passed = 0
    for bucket in sorted(times):
        passed += times[bucket]
        if passed >= wanted:
            return _middle(bucket)
    return None


class Receiver:
    """A socket that nginx sends a log to; nginx never waits for it, and loses lines that nobody reads in time.

    As few as ten may wait (net.unix.max_dgram_qlen), so each time all of them are read. With one for each turn of the
    loop, as asyncio's own endpoints read, nginx lost 4 of 10 lines at 30,000 requests per second; so, at most 2 of 100.

    Args:
        path: where to bind it; whatever is there gives way.
        take: what is done with each datagram, such as `Statistics.feed`.
        owner: the user that nginx's workers run as, when it is not this one.
    """

    def __init__(self, path: Path, take: Callable[[bytes], object], owner: int | None = None) -> None:
        self.path = path
        self._take = take
        self._owner = owner
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Bind the socket, and read from it while the loop runs.

        Raises:
            Unavailable: when it cannot be bound.
        """
        found = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            for option in (socket.SO_RCVBUF, getattr(socket, "SO_RCVBUFFORCE", 33)):
                with contextlib.suppress(OSError):  # only root may have more than net.core.rmem_max
                    found.setsockopt(socket.SOL_SOCKET, option, 8 << 20)
            self.path.unlink(missing_ok=True)
            found.bind(str(self.path))
            os.chmod(self.path, 0o600)
            if self._owner is not None and self._owner != os.geteuid():
                os.chown(self.path, self._owner, -1)
        except OSError as problem:
            found.close()
            raise Unavailable(f"{self.path} cannot be made: {problem.strerror or problem}") from None
        self._socket = found
        asyncio.get_running_loop().add_reader(found.fileno(), self._read)

    def close(self) -> None:
        """Read what is there, and end; nginx complains of that in its error log if it still runs."""
        if self._socket is None:
            return
        self._read()
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()
        self._socket = None
        self.path.unlink(missing_ok=True)

    def _read(self) -> None:
        for datagram in self._datagrams():
            self._take(datagram)

    def _datagrams(self) -> Iterable[bytes]:
        assert self._socket
        found: list[bytes] = []
        with contextlib.suppress(OSError):  # there is no more
            while len(found) < _AT_ONCE:
                found.append(self._socket.recv(_DATAGRAM))
        return found
