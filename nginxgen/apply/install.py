"""The installed file, and what stands beside it: a lock for one apply at a time, and a journal of the last one.

Files are written whole or not at all, in the order that lets the next apply go on after a crash at any moment.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from nginxgen.atomic import BACKUP, write_file
from nginxgen.errors import Unavailable

LOCK_LIMIT = 60.0
"""Seconds for which an apply waits for another one."""
_PAUSE = 0.02
_LEFT = 60.0
"""Seconds after which a temporary file is nobody's any more."""


class State(StrEnum):
    """How far an apply came."""

    INSTALLING = "installing"
    """The file is being replaced, or was, and nothing shows that nginx serves it."""
    PROVEN = "proven"
    """The master serves the file."""


class Journal(NamedTuple):
    """The last apply: the texts before and after by their digests, how far it came, and with which master."""

    digest: str
    previous: str | None
    state: State
    pid: int | None = None
    started: float | None = None


class Folder:
    """A configuration's file, links followed, and the files beside it."""

    def __init__(self, path: str | Path) -> None:
        self.file = Path(os.path.realpath(path))
        self.journal = self.file.with_name(f".{self.file.name}.journal")
        self.lock = self.file.with_name(f".{self.file.name}.lock")
        self.candidate = self.file.with_name(f".{self.file.name}.candidate")
        self.backup = self.file.with_name(self.file.name + BACKUP)

    def read(self) -> bytes | None:
        """What is installed; None when nothing is.

        Raises:
            Unavailable: when it cannot be read.
        """
        return _read(self.file)

    def read_journal(self) -> Journal | None:
        """What the last apply left; None when there was none, or it cannot be understood."""
        try:
            said = json.loads(_read(self.journal) or b"null")
            return Journal(**{**said, "state": State(said["state"])})
        except (ValueError, TypeError, KeyError):
            return None

    def write_journal(self, journal: Journal) -> None:
        """Keep how far an apply came.

        Raises:
            Unavailable: when it cannot be written.
        """
        write_file(self.journal, json.dumps(journal._asdict(), indent=2) + "\n", keep=False)

    def changed(self) -> float:
        """When the file was last written or put there, which nobody can set, in seconds since 1970."""
        return os.stat(self.file).st_ctime

    def before_unproven(self, data: bytes | None) -> bytes | None:
        """What was installed before an apply that ended in the middle, as long as that is kept; else None."""
        journal = self.read_journal()
        if journal is None or journal.state is State.PROVEN or data is None or digest(data) != journal.digest:
            return None
        kept = _read(self.backup)
        return kept if kept is not None and digest(kept) == journal.previous else None

    @contextlib.contextmanager
    def candidate_of(self, text: str) -> Iterator[Path]:
        """A file beside the installed one that holds a text for as long as it is tried."""
        try:
            write_file(self.candidate, text, keep=False)
            yield self.candidate
        finally:
            with contextlib.suppress(OSError):
                self.candidate.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self, waiting: Callable[[str], None], limit: float = LOCK_LIMIT) -> Iterator[None]:
        """Be the only apply to this file; wait for another one until it has ended.

        Raises:
            Unavailable: when the other one does not end in time, or there can be no lock.
        """
        try:
            handle = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        except OSError as problem:
            raise Unavailable(f"{self.file.parent} cannot be written to: {problem.strerror}") from None
        with open(handle, "r+", encoding="ascii", errors="replace") as file:
            end = time.monotonic() + limit
            is_told = False
            while not _is_locked_now(handle):
                holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
                other = f"another apply to {self.file} (process {holder})"
                if time.monotonic() > end:
                    raise Unavailable(f"{other} has not ended within {limit:.0f} s")
                if not is_told:
                    waiting(f"waiting for {other}")
                    is_told = True
                time.sleep(_PAUSE)
            file.truncate()
            file.write(f"{os.getpid()}\n")
            file.flush()
            self._sweep()
            yield

    def _sweep(self) -> None:
        """Remove what writes that were killed have left; what is younger may be somebody's who writes just now."""
        names = [re.escape(one.name) for one in (self.file, self.backup, self.journal, self.candidate)]
        left = re.compile(rf"\.(?:{'|'.join(names)})\.[a-z0-9_]{{8}}")
        with contextlib.suppress(OSError):
            for one in self.file.parent.iterdir():
                if left.fullmatch(one.name) and time.time() - one.stat().st_mtime > _LEFT:
                    one.unlink()


def _is_locked_now(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def digest(data: bytes) -> str:
    """What tells one text from all others."""
    return hashlib.sha256(data).hexdigest()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise Unavailable(f"{path} cannot be read: {problem.strerror}") from None
