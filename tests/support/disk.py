"""A disk of its own for a test, small enough to be filled; only root can have one."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


class Disk:
    """Where it is, and what can be done to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self) -> None:
        """Leave not a byte."""
        with contextlib.suppress(OSError), self._filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass

    def empty(self) -> None:
        """Undo that."""
        self._filler.unlink()

    def close(self) -> None:
        """Let nobody write any more."""
        subprocess.run(["mount", "-o", "remount,ro", str(self.path)], check=True)


@contextlib.contextmanager
def small_disk() -> Iterator[Disk]:
    """A disk of a megabyte, which ends with the block."""
    with tempfile.TemporaryDirectory(prefix="nginxgen-test-") as name:
        path = Path(name)
        made = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=711", "tmpfs", name]
        if os.geteuid() != 0 or subprocess.run(made, capture_output=True, check=False).returncode:
            pytest.skip("a small disk can be mounted by root alone, and not in every container")
        try:
            yield Disk(path)
        finally:
            subprocess.run(["umount", "-l", name], check=True)
