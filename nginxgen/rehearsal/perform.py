"""The company: run as ``python -I -S perform.py PARENT FOLDER [shared]``, it starts nginx and stand-ins, and asks.

A program of its own, because a network of its own is for a process with one thread, and because it outlives whoever
started it (PARENT, a pid) by a moment: it ends nginx and removes FOLDER then. With ``shared`` it stays in the network
of all.

One line comes in and two go out, all JSON: out ``network`` (why there is none of its own, or null) and ``ipv6``, or
``stuck``, when it is of no use and another one has to be started; in the plan (see `company`); out ``problem`` (what
nginx or the kernel said), or ``answers``, ``seconds`` and ``taken`` for each case.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

if (
    __name__ == "__main__"
):  # nothing that is installed is needed, and the folder of this file is no place to import from
    sys.path.insert(0, str(Path(__file__).parents[2]))

from nginxgen.rehearsal.client import ask
from nginxgen.rehearsal.network import Stuck, enter, has_ipv6
from nginxgen.rehearsal.stand_ins import StandIns

_LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
START_LIMIT = 10.0
STOP_LIMIT = 3.0
STEP = 0.002
AT_ONCE = 16
"""How many requests are on their way at the same time, of tests that ask once."""
Json = dict[str, Any]


class NotStarted(Exception):
    """An nginx or a stand-in that did not come up, and why."""


class Company:
    """One rehearsal."""

    def __init__(self, plan: Json, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.cases: list[Json] = plan["cases"]
        self.stand_ins = StandIns([case["answers"] for case in self.cases], self.folder)
        self.answers: list[list[Json]] = [[] for _ in self.cases]
        self.seconds = [0.0] * len(self.cases)
        self.nginx: subprocess.Popen[bytes] | None = None

    def play(self) -> Json:
        """Perform every round, each with an nginx that has just been started."""
        try:
            self._let_stand_ins_listen()
            for numbers in self.plan["rounds"]:
                self._start()
                self._ask_all(numbers)
                self.stop()
        except NotStarted as problem:
            return {"problem": str(problem)}
        taken = [self.stand_ins.taken(at) for at in range(len(self.cases))]
        return {"answers": self.answers, "seconds": self.seconds, "taken": taken}

    def _let_stand_ins_listen(self) -> None:
        wanted = self.plan["stand_ins"]
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        for one in wanted:
            try:
                self.stand_ins.listen(one["address"], one["name"])
            except OSError as problem:
                reason = problem.strerror
                if problem.errno == errno.EMFILE:
                    reason = f"{len(wanted)} backends need as many sockets, and a process may have {most} (ulimit -Hn)"
                raise NotStarted(f"no stand-in can be at {one['address']}: {reason}") from None
        self.stand_ins.open()

    def _start(self) -> None:
        for name in self.plan["wiped"]:
            shutil.rmtree(name, ignore_errors=True)
        pid = Path(self.plan["pid"])
        pid.unlink(missing_ok=True)
        said = self.folder / "said"
        with said.open("wb") as output:
            self.nginx = subprocess.Popen(
                self.plan["command"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        until = time.monotonic() + START_LIMIT
        # nginx listens before it writes its number (ngx_init_cycle, then ngx_create_pidfile in nginx.c).
        while not (pid.exists() and pid.stat().st_size):
            if self.nginx.poll() is not None or time.monotonic() > until:
                raise NotStarted(said.read_text(errors="replace").strip() or "nginx did not start")
            time.sleep(STEP)

    def _ask_all(self, numbers: list[int]) -> None:
        waiting: Iterator[int] = iter(numbers)
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    number = next(waiting, None)
                if number is None:
                    return
                began = time.monotonic()
                self.answers[number] = _asked(self.cases[number])
                self.seconds[number] = time.monotonic() - began

        _together([work] * min(AT_ONCE, len(numbers)))

    def stop(self) -> None:
        """End nginx, whatever it does."""
        if self.nginx is not None:
            with contextlib.suppress(ProcessLookupError):
                self.nginx.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.nginx.wait(STOP_LIMIT)
                os.killpg(self.nginx.pid, signal.SIGKILL)
            self.nginx.wait()
            self.nginx = None


def _asked(case: Json) -> list[Json]:
    """The answers to a case's requests, in the order in which they were sent."""
    cookies: dict[str, str] = {}
    if not case["at_once"]:
        return [ask(case, cookies if case["cookies"] else {}) for _ in range(case["times"])]
    found: list[Json] = [{} for _ in range(case["times"])]
    connected = threading.Barrier(case["times"])

    def send(at: int) -> None:
        once = iter([connected.wait])
        try:
            # Handshakes take long enough for a limit of requests per second to let one more pass.
            found[at] = ask(case, {}, lambda: next(once)())
        finally:
            for wait in once:  # who has no connection keeps nobody waiting
                wait()

    _together([partial(send, at) for at in range(case["times"])])
    return found


def _together(works: Sequence[Callable[[], None]]) -> None:
    failed: list[BaseException] = []

    def do(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as problem:  # a request without an outcome must not pass for one with nothing wrong
            failed.append(problem)

    threads = [threading.Thread(target=do, args=(work,), daemon=True) for work in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if failed:
        raise failed[0]


def _die_with_parent() -> None:
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _tell(message: Json) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Perform, and leave nothing behind."""
    parent, folder = int(sys.argv[1]), Path(sys.argv[2])
    try:
        refused = "it was told not to have one" if sys.argv[3:] == ["shared"] else enter()
    except Stuck as problem:
        _tell({"stuck": str(problem)})
        return
    # After the namespaces: new rights make the kernel forget it (prctl(2)).
    _die_with_parent()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    company = None
    try:
        if os.getppid() != parent:
            return
        _tell({"network": refused, "ipv6": has_ipv6()})
        if line := sys.stdin.readline():
            plan = json.loads(line)
            sys.path += plan["libraries"]  # of which nothing is read unless something speaks HTTP/2
            company = Company(plan, folder)
            _tell(company.play())
    finally:
        if company is not None:
            company.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
