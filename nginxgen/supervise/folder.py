"""The private folder of one ``nginxgen up``: its sockets, nginx's files, and the lock that keeps a second one out."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import stat
import tempfile
import time
from io import FileIO
from pathlib import Path

import psutil

from nginxgen.errors import Unavailable
from nginxgen.supervise.guardian import LOCK, OWN, empty

LONGEST = 107 - len("/generation-99999.sock")
"""How many bytes a folder's path may have, for sockets in it (unix(7) leaves them 107)."""


def run_folder(file: Path, wanted: str | None = None) -> Path:
    """The folder for a cluster's file: short, since the path of a socket has at most 107 bytes; it need not exist."""
    if wanted:
        return Path(os.path.abspath(wanted))
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    name = hashlib.sha256(os.fsencode(os.path.abspath(file))).hexdigest()[:12]
    return Path(base) / OWN / name


CLEARING = 5.0
"""Seconds that the guardian of a killed one may take."""


class Lock:
    """That this ``up`` is the only one in a folder, for as long as its process lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if len(os.fsencode(folder)) > LONGEST:
            raise Unavailable(
                f"the path of {folder} is too long for sockets in it; --run names one of at most {LONGEST} bytes"
            )
        if folder.parent.name == OWN:
            _make(folder.parent)
        _make(folder)
        if os.geteuid() == 0 and (closed := _closed(folder)):
            raise Unavailable(f"{closed} is closed to nginx's workers, which are not root; name another --run folder")
        self._path = folder / LOCK
        self._file = self._taken()
        try:
            self._file.truncate(0)
            self._file.write(f"{os.getpid()}\n".encode())
        except OSError as problem:
            self._file.close()
            raise Unavailable(f"{self._path} cannot be written: {problem.strerror}") from None

    @property
    def handle(self) -> int:
        """The descriptor of the locked file: whoever has it too has the lock too."""
        return self._file.fileno()

    def clear(self) -> None:
        """Remove what a killed one has left."""
        empty(str(self.folder))  # what is in the way later is told then

    def release(self) -> None:
        """Let another one in."""
        self._file.close()

    def _taken(self) -> FileIO:
        until = time.monotonic() + CLEARING
        while (file := self._locked()) is None:
            pid = self._holder()
            if (pid.isdigit() and psutil.pid_exists(int(pid))) or time.monotonic() > until:
                who = f"pid {pid}" if pid else "another process"
                raise Unavailable(f"nginxgen up runs here already: {who} (nginxgen stop ends it)")
            time.sleep(0.02)  # its guardian has not ended yet what a killed one left
        return file

    def _locked(self) -> FileIO | None:
        """The file with its lock; nothing when somebody else has it, or had it and has removed the file meanwhile."""
        _make(self.folder)
        try:
            file = FileIO(self._path, "a+")
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise Unavailable(f"{self._path} cannot be written: {problem.strerror}") from None
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), os.stat(self._path)):
                return file
        file.close()
        return None

    def _holder(self) -> str:
        try:
            return self._path.read_text("ascii", "replace").strip()
        except OSError:
            return ""


def _closed(folder: Path) -> Path | None:
    """The outermost folder around one that others may not pass."""
    return next(
        (one for one in reversed(folder.parents) if one.is_dir() and not one.stat().st_mode & stat.S_IXOTH), None
    )


def _make(folder: Path) -> None:
    """A folder that nobody else may look into."""
    try:
        # Started as root, nginx's workers run under another account, and have to get at their sockets.
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
        status = folder.stat(follow_symlinks=False)
        if not stat.S_ISDIR(status.st_mode):
            raise Unavailable(f"{folder} is no folder")
        if status.st_uid != os.getuid():
            raise Unavailable(f"{folder} belongs to somebody else; name another one with --run")
    except FileExistsError:
        raise Unavailable(f"{folder} is no folder") from None
    except OSError as problem:
        raise Unavailable(f"{folder} cannot be made: {problem.strerror}") from None
