"""What the benchmarks share: processes run to their end, and what they took."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Taken(NamedTuple):
    """What a process took."""

    seconds: float
    cpu: float
    megabytes: float


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, output: str = os.devnull) -> Taken:
    """Run a command, with a file for what it prints, and measure it.

    Raises:
        SystemExit: when it fails.
    """
    streams = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    ]
    began = time.perf_counter()
    process = os.posix_spawn(command[0], command, environment or os.environ, file_actions=streams)
    _, status, used = os.wait4(process, 0)
    seconds = time.perf_counter() - began
    if status:
        sys.exit(f"{' '.join(command)} failed: {os.waitstatus_to_exitcode(status)}")
    return Taken(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def spread(values: Sequence[float]) -> str:
    """The median of some values, and between which the middle half of them lies."""
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:.2f} (half of them from {low:.2f} to {high:.2f})"


def machine() -> str:
    """Where this was measured, for the first line of a report."""
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f} at the start"
