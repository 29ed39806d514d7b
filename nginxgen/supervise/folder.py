"""The private folder of one ``nginxgen up``: its sockets, nginx's files, and the lock that keeps a second one out."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

import psutil

from nginxgen.errors import Unavailable

LONGEST = 107 - len("/generation-99999.sock")
"""How many bytes a folder's path may have, for sockets in it (unix(7) leaves them 107)."""


def run_folder(file: Path, wanted: str | None = None) -> Path:
    """The folder for a cluster's file: short, since the path of a socket has at most 107 bytes; it need not exist."""
    if wanted:
        return Path(os.path.abspath(wanted))
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    name = hashlib.sha256(os.fsencode(os.path.abspath(file))).hexdigest()[:12]
    return Path(base) / _own_name() / name


def _own_name() -> str:
    return f"nginxgen-{os.getuid()}"


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
        if folder.parent.name == _own_name():
            _make(folder.parent)
        _make(folder)
        if os.geteuid() == 0 and (closed := [one for one in folder.parents if not one.stat().st_mode & stat.S_IXOTH]):
            raise Unavailable(
                f"{closed[0]} is closed to nginx's workers, which are not root; name another --run folder"
            )
        path = folder / "pid"
        try:
            self._file = path.open("a+b", buffering=0)
        except OSError as problem:
            raise Unavailable(f"{path} cannot be written: {problem.strerror}") from None
        until = time.monotonic() + CLEARING
        while not self._is_locked():
            self._file.seek(0)
            pid = self._file.read().decode("ascii", "replace").strip()
            if (pid.isdigit() and psutil.pid_exists(int(pid))) or time.monotonic() > until:
                self._file.close()
                who = f"pid {pid}" if pid else "another process"
                raise Unavailable(f"nginxgen up runs here already: {who} (nginxgen stop ends it)")
            time.sleep(0.02)  # its guardian has not ended yet what a killed one left
        try:
            self._file.truncate(0)
            self._file.write(f"{os.getpid()}\n".encode())
        except OSError as problem:
            self._file.close()
            raise Unavailable(f"{path} cannot be written: {problem.strerror}") from None

    @property
    def handle(self) -> int:
        """The descriptor of the locked file: whoever has it too has the lock too."""
        return self._file.fileno()

    def _is_locked(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def clear(self) -> None:
        """Remove what a run leaves, also one that was killed."""
        for path in self.folder.glob("*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != "pid":
                with contextlib.suppress(OSError):  # what is in the way later is told then
                    path.unlink()

    def release(self) -> None:
        """Let another one in."""
        with contextlib.suppress(OSError):
            self._file.truncate(0)
        self._file.close()


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
