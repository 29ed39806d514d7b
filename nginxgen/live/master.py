"""The master of a running nginx: how it is found, how it was started, and whether it is at work on a signal."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil

from nginxgen.errors import Unavailable

_MASTER = "nginx: master process "
_OPTION = re.compile(r" -([pceg]) ?(.*?)(?= -[pcegqtTsvVh]|$)")
_BLOCKED = re.compile(r"^SigBlk:\t([0-9a-f]+)$", re.MULTILINE)
_PENDING = re.compile(r"^(?:SigPnd|ShdPnd):\t([0-9a-f]+)$", re.MULTILINE)
_HUP = 1 << (signal.SIGHUP - 1)


class Master(NamedTuple):
    """A master, and the command line that it was started with; paths are absolute, None where nothing was said."""

    process: psutil.Process
    binary: str | None
    prefix: str | None
    config: str | None
    directives: str | None
    """Those of ``-g``."""
    error_log: str | None
    folder: str | None
    """Its working directory."""

    @property
    def pid(self) -> int:
        """Its number."""
        return int(self.process.pid)

    @property
    def started(self) -> float:
        """When it was started, in seconds since 1970."""
        return float(self.process.create_time())

    def is_same(self, pid: int, started: float) -> bool:
        """Whether it is the process of that number and start; clocks that were set are forgiven a little."""
        return self.pid == pid and abs(self.started - started) < 2


def read_pid(file: Path) -> int:
    """The number in a pid file.

    Raises:
        Unavailable: when there is none, which is so when nginx does not run.
    """
    try:
        text = file.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        raise Unavailable(f"nginx does not run: there is no {file}") from None
    except OSError as problem:
        raise Unavailable(f"{file} cannot be read: {problem.strerror}") from None
    if not text.isascii() or not text.isdigit():
        raise Unavailable(f"nginx does not run: {file} holds no number of a process")
    return int(text)


def master_of(pid: int) -> Master:
    """The master that is the process of a number.

    Raises:
        Unavailable: when it is gone, or is no master of an nginx.
    """
    try:
        process = psutil.Process(pid)
        title = " ".join(process.cmdline())
        if not title.startswith(_MASTER):
            raise Unavailable(f"nginx does not run: process {pid} is {process.name()}, and no master of an nginx")
        folder = _or_none(process.cwd)
        binary = _or_none(process.exe)
    except psutil.NoSuchProcess:
        raise Unavailable(f"nginx does not run: process {pid} is gone") from None
    except psutil.AccessDenied:
        raise Unavailable(f"process {pid} cannot be looked at: permission denied") from None
    said = {name: value.strip() for name, value in _OPTION.findall(" " + title.removeprefix(_MASTER))}
    prefix = _absolute(said.get("p"), folder)
    return Master(process, binary or None, prefix, said.get("c"), said.get("g"), said.get("e"), folder)


def _or_none(look: Callable[[], str]) -> str | None:
    """What a look at a process gives; None when that is not permitted."""
    try:
        return look()
    except psutil.AccessDenied:
        return None


def _absolute(path: str | None, folder: str | None) -> str | None:
    return None if path is None else os.path.join(folder or "/", path)


def is_idle(master: Master) -> bool | None:
    """Whether a master waits for signals, and none for it; None where the system does not tell.

    A master blocks signals except while it waits: as long as it reads a configuration, binds addresses or starts
    workers, the mask that Linux shows has SIGHUP in it.
    """
    try:
        status = Path(f"/proc/{master.pid}/status").read_text()
    except OSError:
        return None
    blocked = _BLOCKED.search(status)
    if blocked is None:
        return None
    waiting = [int(one, 16) for one in _PENDING.findall(status)]
    return not any(mask & _HUP for mask in (int(blocked[1], 16), *waiting))


def may_signal(master: Master) -> bool:
    """Whether we may send signals to a master."""
    try:
        master.process.send_signal(0)
    except psutil.Error:
        return False
    return True
