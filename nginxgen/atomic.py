"""Files written whole or not at all, with the previous one kept."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from nginxgen.errors import Unavailable

BACKUP = "~"
"""What the name of the previous file ends with."""


def write_file(path: str | Path, text: str | bytes, keep: bool = True) -> bool:
    """Write a text to a file, whole or not at all, and keep what was there as ``NAME~``, unless told not to.

    A file that holds the text already is left untouched. A link stays a link.

    Returns:
        Whether anything was written.

    Raises:
        Unavailable: when the file cannot be written; it is then as it was.
    """
    target = Path(os.path.realpath(path))
    data = text.encode("utf-8") if isinstance(text, str) else text
    try:
        if target.is_dir():
            raise Unavailable(f"{path} is a folder")
        if target.exists() and not target.is_file():
            raise Unavailable(f"{path} cannot be written: it is no ordinary file")  # such as /dev/null
        previous = target.read_bytes() if target.exists() else None
        if previous == data:
            return False
        if previous is not None and keep:
            _replace(target.with_name(target.name + BACKUP), previous, like=target)
        _replace(target, data, like=target)
    except OSError as problem:
        raise Unavailable(f"{path} cannot be written: {problem.strerror}") from None
    return True


def _replace(target: Path, data: bytes, like: Path) -> None:
    """Put data in a file's place in one step, with the mode and owner of a file that is there."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            if like.exists():
                status = like.stat()
                os.fchmod(file.fileno(), status.st_mode & 0o7777)
                if os.geteuid() == 0:
                    os.fchown(file.fileno(), status.st_uid, status.st_gid)
            else:
                os.fchmod(file.fileno(), 0o666 & ~_umask())
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
