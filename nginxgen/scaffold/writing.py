"""Many files into a folder: all of them or none."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from nginxgen.atomic import BACKUP, write_file
from nginxgen.errors import Unavailable


def taken(folder: Path, names: Mapping[str, bytes]) -> list[str]:
    """Those of the files that the folder has already, with other content or as something else than a file."""
    return sorted(name for name, data in names.items() if _differs(folder / name, data))


def _differs(path: Path, data: bytes) -> bool:
    if not path.is_symlink() and not path.exists():
        return False
    try:
        return path.is_symlink() or not path.is_file() or path.read_bytes() != data
    except OSError:  # it is there, and may not be read
        return True


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder, which is made if need be; the previous ones are kept as ``NAME~``.

    Raises:
        Unavailable: when one cannot be written; everything is then as it was.
    """
    made: list[Path] = []
    previous: list[tuple[Path, bytes | None]] = []
    try:
        for name, data in sorted(files.items()):
            path = folder / name
            _make_folder(path.parent, made)
            both = (path, path.with_name(path.name + BACKUP))
            previous.extend((one, one.read_bytes() if one.is_file() else None) for one in both)
            write_file(path, data)
    except BaseException as problem:
        _undo(previous, made)
        if isinstance(problem, OSError):
            raise Unavailable(f"{problem.filename or folder} cannot be written: {problem.strerror}") from None
        raise


def _make_folder(folder: Path, made: list[Path]) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir()
        made.append(one)


def _undo(previous: list[tuple[Path, bytes | None]], made: list[Path]) -> None:
    """Let everything be as it was, as far as that can be done."""
    for path, data in reversed(previous):
        with contextlib.suppress(OSError, Unavailable):
            if data is None:
                path.unlink(missing_ok=True)
            else:
                write_file(path, data, keep=False)
    for folder in reversed(made):
        with contextlib.suppress(OSError):
            folder.rmdir()
