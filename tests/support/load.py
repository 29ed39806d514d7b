"""Clients that ask without end and count every request and every byte; a request that fails is not sent again."""

from __future__ import annotations

import re
import select
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from operator import ge
from typing import NamedTuple

from support.backend import payload
from support.running import Answer, Client, wait_until

SIZES = (0, 1, 300, 4_000, 20_000)
"""Bytes that are sent, or asked for, in turns. Beyond 16 KB nginx has a request's body in a file."""


class Failure(NamedTuple):
    """A request that was not answered, or not with what it asked for."""

    what: str
    """An error's name, a status, or a wrong body."""
    began: float
    ended: float
    worker: str
    """The worker of nginx that has answered before on this connection, where it says so in ``X-Worker``."""
    asked: str
    """The servers that nginx has asked, where it says so in ``X-Asked``."""

    def was_under_way(self, since: float, until: float) -> bool:
        """Whether it was sent before the end of some time, and had not ended before its beginning."""
        return self.began <= until and self.ended >= since


class Load:
    """Clients that keep their connections, each sending its next request when the last was answered.

    A connection that the server has closed before a request was sent is replaced, as any client would; whatever
    fails after that is counted under the error's name, answers under their status.

    Args:
        port: where nginx listens.
        clients: how many there are.
        method: GET asks the backend for bytes, POST sends it some that it sends back; each byte is compared.
        expected: a regular expression for the answers of another program, which is asked for ``/`` instead.
    """

    def __init__(self, port: int, clients: int = 4, method: str = "GET", expected: bytes | None = None) -> None:
        self.port = port
        self.method = method
        self.expected = expected
        self.counted: Counter[str] = Counter()
        self.failures: list[Failure] = []
        self.bytes = 0
        """Of all bodies that were sent and received."""
        self.longest = 0.0
        """Seconds of the longest request."""
        self._counting = threading.Lock()
        self._ended = [0] * clients
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,), daemon=True) for number in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)

    def wait_for(self, requests: int) -> None:
        """Wait until so many more requests of each client have ended, well or badly: none of before is under way."""
        enough = [ended + requests for ended in self._ended]
        wait_until(lambda: all(map(ge, self._ended, enough)), f"{requests} more requests of each client")

    @property
    def failed(self) -> dict[str, int]:
        """What went wrong, and how often."""
        return dict(Counter(one.what for one in self.failures))

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {what}" for what, count in sorted(self.failed.items()))
        failed = f"{len(self.failures)} failed{f' ({kinds})' if kinds else ''}"
        amount = f"{self.counted.total():,} requests, {self.bytes / 1e6:.1f} MB"
        return f"{self.method} {amount}, {failed}, longest {1000 * self.longest:.0f} ms"

    def _ask(self, number: int) -> None:
        client: Client | None = None
        worker = ""
        while not self._stopping.is_set():
            serial = self._ended[number] * len(self._ended) + number
            began = time.monotonic()
            try:
                if client is None or _is_closed(client):
                    worker = ""
                    client = _replaced(client, self.port)
                answer = self._answer(client, serial)
            except OSError as problem:
                self._count(number, type(problem).__name__, began, worker, None)
                client = _replaced(client, None)
                continue
            what = str(answer.status)
            if what == "200" and not self._is_right(answer.body, serial):
                what = "wrong body"
            self._count(number, what, began, worker, answer)
            worker = "".join(answer.get("X-Worker"))
            if answer.get("Connection") == ["close"]:
                client = _replaced(client, None)
        _replaced(client, None)

    def _answer(self, client: Client, serial: int) -> Answer:
        if self.expected is not None:
            return client.get(method=self.method)
        size = SIZES[serial % len(SIZES)]
        if self.method == "GET":
            return client.get(f"/bytes/{size}/{serial}")
        return client.get(method=self.method, body=payload(size, serial))

    def _is_right(self, body: bytes, serial: int) -> bool:
        if self.expected is not None:
            return re.fullmatch(self.expected, body) is not None
        line, _, data = body.partition(b"\n")
        size = SIZES[serial % len(SIZES)]
        return data == payload(size, serial) and line.split()[1] == b"%d" % (0 if self.method == "GET" else size)

    def _count(self, number: int, what: str, began: float, worker: str, answer: Answer | None) -> None:
        ended = time.monotonic()
        with self._counting:
            self.counted[what] += 1
            self.longest = max(self.longest, ended - began)
            if answer is not None:
                self.bytes += len(answer.body) * (2 if self.method == "POST" else 1)
            if what != "200":
                asked = "" if answer is None else "".join(answer.get("X-Asked"))
                self.failures.append(Failure(what, began, ended, worker, asked))
            self._ended[number] += 1


def _replaced(client: Client | None, port: int | None) -> Client | None:
    if client:
        client.__exit__()
    return None if port is None else Client(port)


def _is_closed(client: Client) -> bool:
    """Whether the server has already ended the connection; it says nothing unasked."""
    return bool(select.select([client.socket], [], [], 0)[0])


class Wrk:
    """wrk beside the other clients, where it is installed: it asks faster, and counts by other rules."""

    def __init__(self, port: int, connections: int = 4) -> None:
        found = shutil.which("wrk")
        self._command = found and [
            found,
            "-t1",
            f"-c{connections}",
            "-d1h",
            "--timeout",
            "20s",
            f"http://127.0.0.1:{port}/",
        ]
        self._process: subprocess.Popen[str] | None = None
        self.requests = 0
        self.failed = 0
        """Answers that are no 2xx, and errors of connections, of reading, of writing and of waiting."""

    def __enter__(self) -> Wrk:
        if self._command:
            self._process = subprocess.Popen(
                self._command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
            )
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        said, _ = self._process.communicate(timeout=30)
        self.requests = int(re.findall(r"(\d+) requests in", said)[0])
        self.failed = sum(map(int, re.findall(r"(?:connect|read|write|timeout|responses:) (\d+)", said)))

    def __str__(self) -> str:
        if self._process is None:
            return "wrk is not installed"
        return f"wrk {self.requests:,} requests, {self.failed} failed"
