"""One run of ``nginxgen up``, from the lock on its folder to the goodbye."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import tempfile
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from watchfiles import awatch

from nginxgen.errors import ConfigError, NginxgenError
from nginxgen.proof.binary import NginxBinary
from nginxgen.report import summary as count_text
from nginxgen.report import to_text
from nginxgen.supervise.arrangement import Arrangement
from nginxgen.supervise.control import ControlServer
from nginxgen.supervise.folder import Lock
from nginxgen.supervise.messages import Crowd, Traffic, let_in, messages, requests
from nginxgen.supervise.output import Console
from nginxgen.supervise.process import Guardian
from nginxgen.supervise.report import describe, summary
from nginxgen.supervise.statistics import Statistics
from nginxgen.supervise.supervisor import Supervisor

DEBOUNCE_MS = 50
"""Editors write a file in several steps; what follows within this time belongs to one change."""
LOOK_MS = 500
Answer = dict[str, Any]


class Options(NamedTuple):
    """What was asked for."""

    files: Sequence[str]
    binary: NginxBinary
    folder: Path
    port_offset: int = 0
    access_log: bool = True
    """Whether requests are told."""


def run_up(options: Options, console: Console) -> int:
    """Run until told to end; the exit code.

    Args:
        options: what was asked for.
        console: where it is told what happens.

    Raises:
        NginxgenError: when it cannot be started, or cannot go on.
    """
    gc.enable()  # commands that end soon do without; this one would grow with every edit
    return asyncio.run(Up(options, console).run())


class Up:
    """A supervisor with everything that reaches it from outside: edits, commands, signals, nginx's messages."""

    def __init__(self, options: Options, console: Console) -> None:
        self.options = options
        self.console = console
        self.statistics = Statistics()
        self.arrangement = Arrangement(options.folder, Path(options.files[0]).absolute().parent, options.port_offset)
        self.supervisor = Supervisor(options.files, options.binary, self.arrangement, console)
        self.signalled = 0
        self._had_terminal = os.isatty(2)
        self._files = {os.path.abspath(one) for one in options.files}  # links may come to lead elsewhere
        self._seen = _contents(self._files)
        self._refused: str | None = None
        """Why the files as they were last seen are not followed."""
        self._crowd = Crowd(lambda line: console.line("nginx", line))
        self._tasks: set[asyncio.Task[Any]] = set()
        self._names = ", ".join(map(os.path.basename, options.files))
        self._is = "is" if len(options.files) == 1 else "are"

    async def run(self) -> int:
        """Run until told to end; the exit code.

        Raises:
            NginxgenError: when it cannot be started, or cannot go on.
        """
        lock = Lock(self.options.folder)
        lock.clear()
        guardian = await Guardian.start(self.options.folder, [lock.handle])  # before anything that is to be guarded
        before, tempfile.tempdir = tempfile.tempdir, str(self.options.folder)  # what is killed leaves nothing elsewhere
        try:
            await self._until_ended(guardian)
        finally:
            tempfile.tempdir = before
            await guardian.dismiss()
            lock.release()
        if self.supervisor.problem is not None:
            raise self.supervisor.problem
        self.console.event("goodbye: nginx and every worker have ended")
        return 128 + self.signalled if self.signalled else 0

    async def _until_ended(self, guardian: Guardian) -> None:
        """Start, and end in order whatever comes."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal, number)
        control = ControlServer(self.options.folder / "control.sock", self.answer)
        traffic = Traffic(lambda line: self.console.line("nginx", line))
        receivers = [
            requests(self.arrangement.requests, self.statistics, traffic.tell if self.options.access_log else None),
            messages(self.arrangement.errors, self._on_message),
        ]
        try:
            for one in receivers:
                one.open()
                let_in(one)
            await self._start(control, guardian)
            await self.supervisor.ending.wait()
        finally:
            for task in self._tasks:
                task.cancel()
            await control.close()
            await self.supervisor.stop()
            for one in receivers:
                one.close()

    async def _start(self, control: ControlServer, guardian: Guardian) -> None:
        """Start, unless a signal comes first; when that is told, commands are answered."""
        starting = asyncio.create_task(self.supervisor.start(guardian))
        ending = asyncio.create_task(self.supervisor.ending.wait())
        await asyncio.wait([starting, ending], return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not starting.done():
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting
            return
        starting.result()
        await control.start()
        for line in summary(self.supervisor):
            self.console.event(line)
        self._spawn(self._watch())

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_signal(self, number: int) -> None:
        if number == signal.SIGHUP and not self._has_lost_its_terminal():
            self._spawn(self._update("told to reload"))
        elif self.supervisor.ending.is_set():
            self.supervisor.hurry()
        else:
            self.signalled = number
            self.supervisor.ending.set()

    def _has_lost_its_terminal(self) -> bool:
        """Whether it was started on a terminal that is closed now."""
        return self._had_terminal and not os.isatty(2)

    def _on_message(self, line: str) -> None:
        self.supervisor.hear(line)
        self._crowd.tell(line)

    async def _watch(self) -> None:
        """Follow changes of the files; folders are watched, since editors put a new file in the place of the old.

        Now and then they are looked at without a reason: a change may have come before they were watched.
        """
        folders = {os.path.dirname(name) for one in self._files for name in (one, os.path.realpath(one))}
        async for _ in awatch(
            *folders, debounce=DEBOUNCE_MS, step=10, recursive=False, rust_timeout=LOOK_MS, yield_on_timeout=True
        ):
            if (now := _contents(self._files)) != self._seen:
                self._seen = now
                await self._update(f"{self._names} changed")

    async def _update(self, why: str) -> str | None:
        """Follow the files; what was wrong, when something was."""
        self._refused = await self._follow(why)
        return self._refused

    async def _follow(self, why: str) -> str | None:
        began = time.monotonic()
        try:
            await self.supervisor.update()
        except ConfigError as problem:
            self.console.event(f"{why}, and is wrong; what served before goes on\n{_shown(problem, colour=True)}")
            return f"{self._names} {self._is} wrong; what served before goes on\n{_shown(problem)}"
        except NginxgenError as problem:
            self.console.event(f"{why}, and does not work; what served before goes on: {problem}")
            return str(problem)
        except Exception as problem:  # a bug, which must not end what serves
            bug = f"{type(problem).__name__}: {problem}"
            self.console.event(f"{why}, and nginxgen failed, which is a bug; what served before goes on: {bug}")
            return bug
        self.console.event(f"{why}: serves after {1000 * (time.monotonic() - began):.0f} ms")
        return None

    async def answer(self, command: str, parameters: Answer) -> Answer:
        """What a command of another process asks for."""
        match command:
            case "status":
                return {**describe(self.supervisor, self.statistics), "refused": self._refused}
            case "reload":
                return _outcome(await self._update("told to reload"))
            case "stop":
                self.supervisor.ending.set()
                return _outcome(None)
            case "restart":
                return _outcome(await self._restart(parameters.get("group")))
            case "scale":
                return _outcome(await self._scale(str(parameters.get("group")), int(parameters.get("count", 0))))
            case "text":
                return {"ok": True, **self.supervisor.texts()}
            case "logs":
                return {
                    "ok": True,
                    "lines": self.console.recent(int(parameters.get("lines", 100)), int(parameters.get("after", 0))),
                }
        return _outcome(f"no such command: {command}")

    async def _restart(self, name: str | None) -> str | None:
        groups = self.supervisor.groups
        if name is not None and name not in groups:
            return f'no group "{name}" has workers'
        try:
            for one in [groups[name]] if name is not None else list(groups.values()):
                await one.restart()
                self.console.event(f"{one.name}: every worker is a new one")
        except NginxgenError as problem:
            self.console.event(f"the restart was broken off: {problem}")
            return str(problem)
        return None

    async def _scale(self, name: str, count: int) -> str | None:
        group = self.supervisor.groups.get(name)
        if group is None:
            return f'no group "{name}" has workers'
        if not 1 <= count <= 1000:
            return "a group has from 1 to 1000 workers"
        try:
            await group.scale(count)
        except NginxgenError as problem:
            return str(problem)
        self.console.event(f"{name}: {count} worker{'' if count == 1 else 's'}")
        return None


def _outcome(problem: str | None) -> Answer:
    return {"ok": True} if problem is None else {"ok": False, "error": problem, "code": 1}


def _shown(problem: ConfigError, colour: bool = False) -> str:
    return to_text(problem.diagnostics, problem.sources, colour) + count_text(problem.diagnostics)


def _contents(files: set[str]) -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {}
    for one in files:
        try:
            found[one] = Path(one).read_bytes()
        except OSError:
            found[one] = None
    return found
