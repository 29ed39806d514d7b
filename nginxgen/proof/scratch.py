"""The temporary files of a proof: what it says when they cannot be written."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator

from nginxgen.errors import Unavailable


@contextlib.contextmanager
def temporary_files() -> Iterator[None]:
    """Within this, temporary files are written.

    Raises:
        Unavailable: when they cannot be.
    """
    try:
        yield
    except OSError as problem:
        where = problem.filename or tempfile.tempdir
        reason = problem.strerror or str(problem)
        raise Unavailable(f"no temporary file can be written{f' ({where})' if where else ''}: {reason}") from None
