"""One worker: a process that listens at a place, is asked until it is ready, and comes back when it crashes."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from nginxgen.errors import NginxgenError, Unavailable
from nginxgen.model.workers import Probe, Workers
from nginxgen.supervise.guardian import RUN
from nginxgen.supervise.places import Place, environment
from nginxgen.supervise.probing import Answer, ask
from nginxgen.supervise.process import Child, Guardian, launched
from nginxgen.supervise.times import seconds

STEADY = 5.0
"""Seconds after which a worker is no longer taken to be in a loop of crashes."""
ASK_AGAIN = 0.03
UNTOLD = " (its command has no {port}, {socket} or {fd}: it gets a socket to listen on as number 3, LISTEN_FDS)"


class State(StrEnum):
    """What a worker is doing."""

    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"
    BACKOFF = "backoff"
    FAILED = "failed"
    STOPPED = "stopped"


AWAY = (State.BACKOFF, State.FAILED, State.STARTING)
"""What a worker of a group is doing while nobody works in its place."""


class NotReady(NginxgenError):
    """A worker that did not become ready, and why."""


class Worker:
    """A process of a group at its place; started again for as long as it is wanted."""

    def __init__(
        self,
        name: str,
        index: int,
        said: Workers,
        place: Place,
        folder: Path,
        run: Path,
        guardian: Guardian,
        tell: Callable[[str, str], None],
    ) -> None:
        self.name = f"{name}.{index}"
        self.index = index
        self.said = said
        self.place = place
        self.state = State.STOPPED
        self.restarts = 0
        self.crashes = 0
        """How often it has ended by itself since it last worked for a while."""
        self.since = time.time()
        self.last_restart: str | None = None
        """Why it was started again, the last time that nobody had asked for it."""
        self.child: Child | None = None
        self.on_change: Callable[[Worker], None] = lambda worker: None
        """Is told whenever its state is another one."""
        self._folder = folder
        self._run = run
        self._guardian = guardian
        self._tell: Callable[[str], None] = lambda line: tell(self.name, line)
        self._keeping: asyncio.Task[None] | None = None

    def _become(self, state: State) -> None:
        was, self.state, self.since = self.state, state, time.time()
        if was != state:
            self.on_change(self)

    async def start(self) -> None:
        """Start it and wait until it is ready; from then on it is kept alive.

        Raises:
            NotReady: when it ends, or does not answer in time.
        """
        await self._start_once()
        self._keeping = asyncio.create_task(self._keep())

    async def _start_once(self) -> None:
        self._become(State.STARTING)
        self.place.clear()
        self.place.check()
        words = self.place.words(self.index)
        argv = [_filled(word, words) for word in self.said.command]
        cwd = self._folder / (self.said.cwd or ".")
        given = {name: _filled(one, words) for name, one in self.said.env.items()}
        env = environment(given, self.said.env_file, self._folder)
        held = self.place.held
        user = self.said.user if os.geteuid() == 0 else None
        fd = None if held is None else held.fileno()
        command = launched(argv, str(cwd), user, fd)
        keep = () if fd is None else (fd,)
        self.child = Child(
            command, self._guardian, self._tell, keep, env | {"PORT": self.place.port, RUN: str(self._run)}
        )
        try:
            await self._until_ready(self.child)
        except NotReady:
            await self.child.stop(signal.SIGKILL, 0)
            raise
        except asyncio.CancelledError:
            self.child.end_group()
            raise
        self.place.let_in()
        self._become(State.READY)

    async def _until_ready(self, child: Child) -> None:
        limit = seconds(self.said.ready_timeout, 30)
        probe = self.said.ready or Probe()
        # Only a held socket is shared with the process before this one.
        process = child.pid if self.place.held is not None else None
        reason = "it was not asked"
        try:
            async with asyncio.timeout(limit):
                while True:
                    asking = asyncio.create_task(ask(self.place.address, probe, process))
                    either: list[asyncio.Future[Any]] = [asking, child.ended]
                    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                    if child.ended.done():
                        asking.cancel()
                        raise self._not_ready(child, f"{_how(child.ended.result())} before it was ready")
                    answer = asking.result()
                    if answer.is_good:
                        return
                    reason = answer.reason
                    await asyncio.sleep(ASK_AGAIN)
        except TimeoutError:
            raise self._not_ready(child, f"was not ready within {limit:g} s: {reason}") from None

    def _not_ready(self, child: Child, what: str) -> NotReady:
        told = "" if self.said.place != "listen_fds" else UNTOLD
        return NotReady(f"{self.name} {what}{told}{_last(child)}")

    async def _keep(self) -> None:
        """Start it again whenever it ends."""
        while self.child is not None:
            started = time.monotonic()
            code = await asyncio.shield(self.child.ended)  # this task may be cancelled, the end may not
            self.crashes = 1 if time.monotonic() - started > STEADY else self.crashes + 1
            self._tell_crash(code, self.crashes)
            while True:
                await self._wait_before_restart(self.crashes)
                self.note_restart(_how(code))
                try:
                    await self._start_once()
                    self._tell(f"is back, pid {self.child.pid if self.child else '?'}")
                    break
                except (NotReady, Unavailable) as problem:
                    self.crashes += 1
                    self._tell(str(problem).removeprefix(f"{self.name} "))

    def note_restart(self, reason: str) -> None:
        """It is started again, because of that."""
        self.restarts += 1
        self.last_restart = reason

    def _tell_crash(self, code: int, crashes: int) -> None:
        last = _last(self.child) if self.child else ""
        if is_loop(self.said, crashes):
            self._tell(f"{_how(code)}, {ordinal(crashes)} time in a row: it crashes in a loop{last}")
        else:
            self._tell(f"{_how(code)}{last if crashes > 1 else ''}")

    async def _wait_before_restart(self, crashes: int) -> None:
        self._become(State.FAILED if is_loop(self.said, crashes) else State.BACKOFF)
        await asyncio.sleep(restart_delay(self.said, crashes))

    async def ask(self, probe: Probe) -> Answer:
        """Whether it works, by another probe than that for new ones."""
        child = self.child
        process = child.pid if child is not None and self.place.held is not None else None
        return await ask(self.place.address, probe, process, is_alone=True)

    async def stop(self) -> None:
        """Tell it to end what it does and to go, and wait until it has gone."""
        if self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None
        self._become(State.DRAINING)
        if self.child is not None:
            number = signal.Signals[self.said.stop_signal or "SIGTERM"]
            await self.child.stop(number, seconds(self.said.grace, 10))
        self._become(State.STOPPED)


def is_loop(said: Workers, times: int) -> bool:
    """Whether what happened so many times in a row is called a loop."""
    limit = 5 if said.crashes is None else said.crashes
    return bool(limit) and times >= limit


def restart_delay(said: Workers, times: int) -> float:
    """For how many seconds a worker that failed so many times in a row is left alone."""
    first, most = seconds(said.restart_delay, 0.1), seconds(said.restart_delay_max, 30)
    # Jitter, so that workers that fall together do not rise together.
    return min(first * 2.0 ** min(times - 1, 16), most) * random.uniform(0.8, 1.2)


def ordinal(number: int) -> str:
    """``the 1st``, ``the 2nd`` and so on."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number // 10 % 10 != 1 else 0, "th")
    return f"the {number}{ending}"


def _filled(word: str, words: dict[str, str]) -> str:
    return re.sub(r"(?<!\{)\{(\w+)\}(?!\})", lambda found: words.get(found[1], found[0]), word)


def _how(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(-code).name}"


def _last(child: Child) -> str:
    lines = [f"\n    {line}" for line in child.lines.last]
    return f"; it said last:{''.join(lines[-8:])}" if lines else "; it said nothing"
