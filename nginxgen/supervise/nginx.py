"""The nginx of an ``up``: started, reloaded with proof, followed by another one, and brought back when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from nginxgen.atomic import write_file
from nginxgen.errors import NginxgenError, Unavailable
from nginxgen.live.generation import LEAVING, WORKER, Workers, has_changed, workers_of
from nginxgen.live.master import is_idle, master_of
from nginxgen.live.reload import LONGEST
from nginxgen.supervise.listeners import Address, Listeners, socket_file
from nginxgen.supervise.process import Child, Guardian, launched
from nginxgen.supervise.texts import Generation

LIMIT = 10.0
"""Seconds until a new generation must serve; nginx itself tries for 2.5 s to bind an address."""
STEP = 0.005
PAUSE = 0.02
GOODBYE = 10.0


class NotServing(NginxgenError):
    """A configuration that nginx did not take up; the one before it still serves, where there was one."""


class Nginx:
    """One nginx, as one process after another."""

    def __init__(self, folder: Path, base: Path, guardian: Guardian, tell: Callable[[str], None]) -> None:
        self.number = 0
        """Counts the main processes: each has files of its own, since two may run beside each other."""
        self.serving: Generation | None = None
        self.on_death: Callable[[], None] = lambda: None
        self._folder = folder
        self._base = base
        """The folder of the cluster's file, from which relative paths of sites count."""
        self._guardian = guardian
        self._tell = tell
        self._listeners = Listeners()
        self._child: Child | None = None
        self._urgent: asyncio.Event = asyncio.Event()
        self._said: list[str] = []
        self._retired: dict[Child, asyncio.Task[None]] = {}
        """Main processes that others have followed, and what waits for their end."""

    @property
    def pid(self) -> int | None:
        """The main process, while it lives."""
        return self._child.pid if self._child is not None and self._child.is_alive else None

    def workers(self) -> Workers:
        """Its workers at this moment."""
        if self.pid is None:
            return Workers(frozenset(), frozenset())
        try:
            return workers_of(psutil.Process(self.pid))
        except psutil.NoSuchProcess:
            return Workers(frozenset(), frozenset())

    def number_for(self, wanted: Generation) -> int:
        """The number of the main process that will serve this: the one that runs, if it has the binary and sockets."""
        is_other = self.serving is not None and self.serving.binary.stamp != wanted.binary.stamp
        return self.number + (self.pid is None or is_other or bool(self._listeners.missing(wanted.addresses)))

    def hear(self, message: str) -> None:
        """A message of nginx's error log; what it refuses ends the waiting for it."""
        if "[emerg]" in message:
            self._said.append(message)
            if "still could not bind" in message or "bind() to" not in message:
                self._urgent.set()

    def hold(self, addresses: list[Address]) -> None:
        """Listen on addresses from now on.

        Raises:
            Unavailable: when one cannot be listened on; then on none.
        """
        self._listeners.hold(addresses)
        for file in filter(None, map(socket_file, addresses)):
            self._guardian.add_file(file)

    async def bring(self, wanted: Generation) -> None:
        """Let a configuration serve, in the way that disturbs least.

        Raises:
            NotServing: when nginx does not take it up; what served before still does.
            Unavailable: when an address cannot be listened on.
        """
        is_new = self.number_for(wanted) != self.number
        before = self.serving
        self.hold(wanted.addresses)
        try:
            if is_new:
                await self._follow(wanted)
            else:
                await self._reload(wanted)
        except BaseException:
            self._listeners.release(before.addresses if before else ())
            raise
        self.serving = wanted
        self._listeners.release(wanted.addresses)

    async def _reload(self, wanted: Generation) -> None:
        assert self._child is not None
        before = self.workers()
        file = self._file()
        previous = file.read_text(encoding="utf-8")
        write_file(file, wanted.text, keep=False)
        self._forget()
        self._child.signal(signal.SIGHUP)
        try:
            await self._until(wanted, lambda: has_changed(before, self.workers()))
        except NotServing:
            with contextlib.suppress(Unavailable):  # every reload writes it anew before it signals
                write_file(file, previous, keep=False)
                if not self._urgent.is_set() and self.serving is not None:
                    await self._go_back(self.serving)
            raise

    async def _go_back(self, before: Generation) -> None:
        """Let the file of before serve again: nginx has refused nothing, and may have taken up the other one late."""
        assert self._child is not None
        workers = self.workers()
        self._forget()
        self._child.signal(signal.SIGHUP)
        with contextlib.suppress(NotServing):
            await self._until(before, lambda: has_changed(workers, self.workers()))

    async def _follow(self, wanted: Generation) -> None:
        """Start a main process on the sockets that are held, and let the one before it finish."""
        old, old_number = self._child, self.number
        self.number += 1
        write_file(self._file(), wanted.text)
        numbers = self._listeners.numbers(wanted.addresses)
        os.environ.pop("NGINX", None)
        inherited = {"NGINX": "".join(f"{one};" for one in numbers)} if numbers else {}
        main = f"daemon off; pid {self._folder}/nginx-{self.number}.pid; lock_file {self._folder}/nginx.lock;"
        quiet = ["-e", "/dev/null"] if wanted.binary.target.lowest >= (1, 19, 5) else []
        command = [wanted.binary.path, "-p", f"{self._base}/", *quiet, "-c", str(self._file()), "-g", main]
        self._forget()
        child = Child(
            launched(command, os.getcwd()),
            self._guardian,
            self._hear_start,
            numbers,
            env={**os.environ, **inherited},
            sweep=False,  # when it is killed, its workers go on until others have taken their place
        )
        self._child = child
        self._guardian.add_file(self.teller())
        try:
            await self._until(wanted, lambda: bool(self.workers().serving))
        except BaseException:
            await child.stop(signal.SIGTERM, 2)
            child.end_group()
            child.forget()
            self._clean(self.number)
            self._child, self.number = old, old_number
            raise
        asyncio.get_running_loop().create_task(self._mourn(child))
        if old is not None:
            await self._retire(old, old_number)

    def _hear_start(self, line: str) -> None:
        self.hear(line)
        if "[emerg]" not in line and "[notice]" not in line:
            self._tell(line)

    async def _mourn(self, child: Child) -> None:
        await asyncio.shield(child.ended)
        if child is self._child:
            self.on_death()

    def _forget(self) -> None:
        self._said.clear()
        self._urgent.clear()

    async def _until(self, wanted: Generation, changed: Callable[[], bool]) -> None:
        """Wait until the wanted generation answers, and no older worker takes connections any more."""
        assert self._child is not None
        began = time.monotonic()
        while (passed := time.monotonic() - began) < LIMIT or (passed < LONGEST and self._is_busy()):
            if not self._child.is_alive:
                await asyncio.wait([self._child.ended], timeout=1)  # by then it was read what it said last
                break
            if self._urgent.is_set():
                break
            if changed() and await self._told() == wanted.told:
                return
            await asyncio.sleep(STEP)
        reasons = list(dict.fromkeys(self._said)) or [f"nginx did not serve it within {LIMIT:g} s"]
        raise NotServing("\n".join(reasons))

    def _is_busy(self) -> bool:
        """Whether the main process is seen to work on what it was told."""
        try:
            return self._child is not None and is_idle(master_of(self._child.pid)) is False
        except Unavailable:
            return False

    async def _told(self) -> str | None:
        """What the generation's socket answers."""
        try:
            reader, writer = await asyncio.open_unix_connection(str(self.teller()))
        except OSError:
            return None
        try:
            writer.write(b"GET / HTTP/1.0\r\n\r\n")
            async with asyncio.timeout(1):
                return (await reader.read(4096)).decode("latin-1").rpartition("\r\n\r\n")[2]
        except (OSError, TimeoutError):
            return None
        finally:
            writer.close()

    async def until_old_are_gone(self, limit: float) -> None:
        """Wait until no worker of an earlier generation is left, but no longer than that many seconds."""
        until = time.monotonic() + limit
        while (self.workers().leaving or self._retired) and time.monotonic() < until:
            await asyncio.sleep(STEP)

    async def _retire(self, child: Child, number: int) -> None:
        """Let a main process and its workers finish: they take no more connections, and end when they have no more.

        For how long that may be is for ``worker_shutdown_timeout`` to say.
        """
        child.signal(signal.SIGQUIT)
        until = time.monotonic() + LIMIT
        while time.monotonic() < until and (serving := [one for one in _session(child.pid) if _serves(one)]):
            if not child.is_alive:  # it was killed, and cannot tell them
                for process in serving:
                    with contextlib.suppress(psutil.Error):
                        process.send_signal(signal.SIGQUIT)
            await asyncio.sleep(PAUSE)
        self._retired[child] = asyncio.create_task(self._until_gone(child, number))

    async def _until_gone(self, child: Child, number: int) -> None:
        while _session(child.pid):
            await asyncio.sleep(PAUSE)
        await asyncio.shield(child.ended)
        child.forget()
        self._clean(number)
        self._retired.pop(child, None)

    def _file(self) -> Path:
        return self.file(self.number)

    def file(self, number: int) -> Path:
        """The text of the main process of that number."""
        return self._folder / f"nginx-{number}.conf"

    def teller(self) -> Path:
        """The socket that tells the generation of the nginx that serves."""
        return self._folder / f"generation-{self.number}.sock"

    def _clean(self, number: int) -> None:
        for path in self._folder.glob(f"nginx-{number}.*"):
            path.unlink(missing_ok=True)
        (self._folder / f"generation-{number}.sock").unlink(missing_ok=True)

    def hurry(self) -> None:
        """End what is still finishing at once."""
        for child in self._retired:
            child.end_group()

    async def stop(self) -> None:
        """Let it finish what it does, and go."""
        child, self._child = self._child, None
        if child is not None:
            await self._retire(child, self.number)
        if self._retired:
            _, late = await asyncio.wait(list(self._retired.values()), timeout=GOODBYE)
            if late:
                self.hurry()
                await asyncio.wait(late)
        self._listeners.release(())


def _session(pid: int) -> list[psutil.Process]:
    """What is left of a session: a main process and its workers, also when the former has died."""
    left = []
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == pid and process.status() != psutil.STATUS_ZOMBIE:
                left.append(process)
    return left


def _serves(process: psutil.Process) -> bool:
    """Whether a process is a worker that takes connections."""
    try:
        title = " ".join(process.cmdline())
    except psutil.Error:
        return False
    return title.startswith(WORKER) and LEAVING not in title
