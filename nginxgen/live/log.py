"""What nginx writes to its error logs from a moment on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_MOST = 1 << 20


class LogWatch:
    """Remembers how long files are, and reads what was written behind that."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._sizes = {file: _size(file) for file in files}

    def news(self) -> str:
        """What was written since; a file that became shorter was begun anew and is read whole."""
        return "".join(_read(file, size) for file, size in self._sizes.items())


def _size(file: Path) -> int:
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:
        return 0


def _read(file: Path, size: int) -> str:
    if not file.is_file():
        return ""
    try:
        with file.open("rb") as log:
            log.seek(size if _size(file) >= size else 0)
            return log.read(_MOST).decode("utf-8", "replace")
    except OSError:
        return ""
