"""Processes that the supervisor starts: each in a group of its own, its output read, its end awaited, nothing left."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from nginxgen.errors import Unavailable
from nginxgen.supervise.output import Lines

_HERE = Path(__file__).parent
_PYTHON = (sys.executable, "-I", "-S")


class Guardian:
    """A small process that ends all others when this one is killed, however that happens."""

    def __init__(self, folder: Path, keep: Sequence[int]) -> None:
        self._folder = folder
        self._keep = keep
        self._process: asyncio.subprocess.Process
        self._known: dict[str, None] = {}
        """The lines that it was told and that still hold, for another one should it be killed itself."""
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, folder: Path, keep: Sequence[int] = ()) -> Guardian:
        """Start it, before anything that it has to guard.

        Args:
            folder: the run folder, which it removes in the end.
            keep: descriptors that it has as well, such as that of a lock, which nobody else then gets too early.
        """
        made = cls(folder, keep)
        await made._begin()
        return made

    async def _begin(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *_PYTHON,
            str(_HERE / "guardian.py"),
            str(self._folder),
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,
            pass_fds=self._keep,
        )
        self._watching = asyncio.create_task(self._watch(self._process))

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        await self._begin()
        for line in self._known:
            self._write(line)

    def add_group(self, group: int) -> None:
        """A process group that must not outlive the supervisor."""
        self._tell(f"+{group}")

    def forget_group(self, group: int) -> None:
        """A process group that has ended."""
        self._known.pop(f"+{group}", None)
        self._write(f"-{group}")

    def add_file(self, path: Path) -> None:
        """A file to be removed if the supervisor cannot do so itself."""
        self._tell(f"={path}")

    def _tell(self, line: str) -> None:
        self._known[line] = None
        self._write(line)

    def _write(self, line: str) -> None:
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(f"{line}\n".encode())

    async def dismiss(self) -> None:
        """Everything has ended in order: it removes the run folder, and ends."""
        if self._watching is not None:
            self._watching.cancel()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if self._process.stdin is not None:
                await self._process.stdin.drain()
                self._process.stdin.close()
        await self._process.wait()


class Child:
    """A process with a group of its own, whose output goes to ``tell`` line by line.

    Its end is seen through a pidfd: what asyncio offers waits, in some versions, until nobody holds the output's other
    end any more, which the workers of an nginx that was killed do.
    """

    def __init__(
        self,
        command: Sequence[str],
        guardian: Guardian,
        tell: Callable[[str], None],
        keep: Sequence[int] = (),
        env: Mapping[str, str] | None = None,
        sweep: bool = True,
    ) -> None:
        """Start a command.

        Args:
            command: its words.
            guardian: ends it, should the supervisor be killed.
            tell: gets its output, line by line.
            keep: sockets that it inherits.
            env: its environment.
            sweep: whether what it has started ends with it.
        """
        self.lines = Lines(tell)
        self.sweep = sweep
        self._guardian = guardian
        self._loop = asyncio.get_running_loop()
        reading, writing = os.pipe2(os.O_CLOEXEC)
        with open(writing, "wb") as output:
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=keep,
                    env=env,
                    start_new_session=True,
                )
            except OSError as problem:
                os.close(reading)
                raise Unavailable(f"{command[0]} cannot be run: {problem.strerror}") from None
        self.pid = self._process.pid
        guardian.add_group(self.pid)
        self._output: int | None = reading
        os.set_blocking(reading, False)
        self._loop.add_reader(reading, self._read)
        self._handle = os.pidfd_open(self.pid)
        self._loop.add_reader(self._handle, self._end)
        self.ended: asyncio.Future[int] = self._loop.create_future()
        """Is done when the process has ended, with its exit code, or minus the signal that ended it."""

    def _read(self) -> None:
        if self._output is None:
            return
        try:
            data = os.read(self._output, 1 << 16)
        except BlockingIOError:
            return
        if data:
            self.lines.feed(data)
        else:
            self._close_output()

    def _close_output(self) -> None:
        if self._output is not None:
            self._loop.remove_reader(self._output)
            os.close(self._output)
            self._output = None
            self.lines.close()

    def _end(self) -> None:
        self._loop.remove_reader(self._handle)
        os.close(self._handle)
        code = self._process.wait()
        for _ in range(64):  # what it said last; who floods has no claim to more
            self._read()
        if self.sweep:
            self.end_group()
            self.forget()
        self.ended.set_result(code)

    def forget(self) -> None:
        """Nothing is left of its group."""
        self._close_output()
        self._guardian.forget_group(self.pid)

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None if self.ended.done() else not _has_ended(self._handle)

    def signal(self, number: int) -> None:
        """Send the process itself a signal."""
        if not self.ended.done():
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def end_group(self) -> None:
        """End the whole group at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def stop(self, number: int, grace: float) -> int:
        """Ask the process to end, and end it when it has not done so in time; its exit code."""
        self.signal(number)
        done, _ = await asyncio.wait([self.ended], timeout=grace)
        if not done:
            self.end_group()
        return await asyncio.shield(self.ended)


def _has_ended(handle: int) -> bool:
    return bool(select.select([handle], [], [], 0)[0])


def launched(argv: Sequence[str], cwd: str, user: str | None = None, listen: int | None = None) -> list[str]:
    """The command that becomes another one, with a held socket as its number 3; see `launch`."""
    spec = {"argv": list(argv), "cwd": cwd, "user": user, "listen": listen, "parent": os.getpid()}
    return [*_PYTHON, str(_HERE / "launch.py"), json.dumps(spec)]
