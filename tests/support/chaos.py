"""Everything that can happen to an ``up`` under load, again and again, and what it costs."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil

from nginxgen.live.generation import workers_of
from nginxgen.proof.binary import NginxBinary
from support.load import Failure, Load, Wrk
from support.running import DEADLINE, Client, free_port, wait_until
from support.supervised import Supervised, cluster, supervised, title

IS_LONG = os.environ.get("NGINXGEN_CHAOS") == "long"
RESTARTS_AT_ONCE = 'restart_delay = "20ms"\nrestart_delay_max = "100ms"\ncrashes = 0'
"""So that a worker which is killed again and again is not taken for one that crashes in a loop."""
AGAIN = 1.0
"""Seconds within which what was killed has to serve again."""

Record = Callable[[str, object], None]


def times(short: int, long: int) -> range:
    """The rounds of something, in CI and with ``NGINXGEN_CHAOS=long``."""
    return range(long if IS_LONG else short)


class Storm:
    """An ``up`` with clients of every kind, and what is done to it."""

    def __init__(self, up: Supervised, title: str, record: Record) -> None:
        self.up = up
        self.get = Load(up.port)
        self.post = Load(up.port, method="POST")
        self.wrk = Wrk(up.port)
        self._title = title
        self._record = record
        self._edits = 0

    @contextlib.contextmanager
    def load(self, what: str) -> Iterator[None]:
        """Clients while something is done, and their figures; each has some requests before it and behind it."""
        self.get, self.post, self.wrk = Load(self.up.port), Load(self.up.port, method="POST"), Wrk(self.up.port)
        began = time.monotonic()
        try:
            with ExitStack() as stack:
                for one in (self.wrk, self.get, self.post):
                    stack.enter_context(one)
                self.breathe()
                yield
                self.breathe()
        finally:
            seconds = time.monotonic() - began
            self.note(f"{what} in {seconds:.1f} s: {self.get}; {self.post}; {self.wrk}")

    def note(self, text: str) -> None:
        """Show a figure when all tests have run."""
        self._record("figures", f"{self._title}: {text}")

    def breathe(self) -> None:
        """Wait until every client has had some answers to requests of now."""
        self.get.wait_for(3)
        self.post.wait_for(3)

    @property
    def failures(self) -> list[Failure]:
        """Of all methods, those of wrk aside."""
        return self.get.failures + self.post.failures

    def number(self) -> int:
        """Which edit an answer comes from."""
        with Client(self.up.port) as client:
            return int(client.get().get("X-Number")[0])

    def edit(self) -> float:
        """Save the file with another header; the seconds until nginx serves it, and nothing earlier."""
        before = self.up.said().count("serves after")
        began = time.monotonic()
        self.up.edit(f'X-Number = "{self._edits}"', f'X-Number = "{self._edits + 1}"')
        self._edits += 1
        self.up.wait_for("serves after", before + 1)
        return time.monotonic() - began

    def edit_wrongly(self, wrong: str) -> None:
        """Save the file with a line too many, wait until that line is named, and save it without."""
        said = self.up.said()
        line = self.up.file.read_text().split('upstream = "app"')[0].count("\n") + 2
        self.up.edit('upstream = "app"', f'upstream = "app"\n{wrong}')
        for text in ("what served before goes on", f"cluster.toml:{line}:"):
            self.up.wait_for(text, said.count(text) + 1)
        self.up.edit(f'upstream = "app"\n{wrong}', 'upstream = "app"')
        self.up.wait_for("serves after", said.count("serves after") + 1)

    def kill_worker(self, index: int) -> tuple[str, float, float]:
        """End a worker and wait until its next process is ready: its address, when it was killed, and when it ended."""
        worker = self.up.workers()[index]
        before = self.up.said().count("is back")
        process = os.pidfd_open(worker["pid"])
        try:
            killed = time.monotonic()
            os.kill(worker["pid"], signal.SIGKILL)
            assert select.select([process], [], [], DEADLINE)[0], "it has ended"
            ended = time.monotonic()
        finally:
            os.close(process)
        self.up.wait_for("is back", before + 1)
        return worker["address"], killed, ended

    def kill_all_workers(self) -> None:
        """End every worker at once, and wait until all have a next process."""
        pids = self.up.pids()
        before = self.up.said().count("is back")
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.up.wait_for("is back", before + len(pids))

    def kill_of_nginx(self) -> tuple[str, float, float]:
        """End one of nginx's own workers: its pid, when, and the seconds until nginx has as many as before again."""
        main = psutil.Process(self.up.status()["nginx"]["pid"])
        before = workers_of(main).serving
        victim = min(before, key=lambda one: one.pid)
        killed = time.monotonic()
        victim.kill()
        wait_until(lambda: len(workers_of(main).serving - {victim}) == len(before), "nginx has its workers again")
        return str(victim.pid), killed, time.monotonic() - killed

    def kill_nginx(self) -> float:
        """End nginx's main process: the seconds until another serves the same generation, and its workers no more."""
        status = self.up.status()["nginx"]
        old = psutil.Process(status["pid"])
        orphans = workers_of(old).serving
        killed = time.monotonic()
        old.kill()

        def follows() -> bool:
            now = self.up.status()["nginx"]
            return bool(now["pid"]) and now["pid"] != status["pid"] and now["state"] == "serving"

        wait_until(follows, "another nginx serves")
        wait_until(lambda: not any(_serves(one) for one in orphans), "the workers of the one before do not")
        assert self.up.status()["nginx"]["generation"] == status["generation"]
        return time.monotonic() - killed


def _serves(process: psutil.Process) -> bool:
    found = title(process)
    return bool(found) and "shutting down" not in found


@contextlib.contextmanager
def storm(
    folder: Path, nginx: NginxBinary, words: tuple[str, ...], timeout: str, record: Record, count: int = 2
) -> Iterator[Storm]:
    """An ``up`` of the well-mannered backend that says which worker of nginx answers, and which servers it asked.

    Args:
        folder: of the cluster's file.
        nginx: which one.
        words: how the backend is told where to listen.
        timeout: nginx's ``keepalive_timeout``, or nothing for the default.
        record: what takes figures.
        count: how many workers there are.
    """
    port = free_port()
    text = cluster(port, *words, count=count, more=RESTARTS_AT_ONCE, http='"75s"' if timeout == "" else f'"{timeout}"')
    headers = 'add_header = { X-Worker = "$pid", X-Asked = "$upstream_addr", X-Number = "0" }'
    text = text.replace('upstream = "app"', f'{headers}\nupstream = "app"')
    place = words[0] if words else "LISTEN_FDS"
    kept = f"keepalive_timeout={timeout}" if timeout else "keep-alive"
    with supervised(folder, port, text, nginx, "--no-access-log") as up:
        yield Storm(up, f"{nginx.target.lowest}, {place}, {kept}", record)
