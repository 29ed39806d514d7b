"""A reload with proof: the signal, and what shows that a new generation serves and no earlier one does any more."""

from __future__ import annotations

import signal
import time
from enum import StrEnum
from typing import NamedTuple

import psutil

from nginxgen.errors import Unavailable
from nginxgen.live.generation import Workers, has_changed, workers_of
from nginxgen.live.master import Master, is_idle

LIMIT = 10.0
"""Seconds until the new generation has to serve. nginx tries for 2.5 s to bind an address that is taken."""
LONGEST = 60.0
"""Seconds for a master that is seen to be at work all the time, on a very large file or slow name servers."""
_PAUSE = 0.01
_SETTLED = 0.3
"""For how many seconds a master has to have been idle, the workers being the same, to have refused the file."""


class Ending(StrEnum):
    """How a reload ended."""

    SERVES = "serves"
    """A new generation serves, and no earlier one."""
    REFUSED = "refused"
    """The workers are those of before."""
    MIXED = "mixed"
    """New workers serve, and some of before do too."""


class Reload(NamedTuple):
    """What became of a reload."""

    ending: Ending
    before: Workers
    now: Workers
    seconds: float


def reload(master: Master, limit: float = LIMIT) -> Reload:
    """Tell a master to read its file again, and wait until it is shown what came of that.

    Raises:
        Unavailable: when the master cannot be signalled, or has ended.
    """
    _wait_until_idle(master, limit)
    before = workers_of(master.process)
    began = time.monotonic()
    try:
        master.process.send_signal(signal.SIGHUP)  # psutil makes sure that the number has not gone to another process
    except psutil.NoSuchProcess:
        raise Unavailable(f"nginx has ended: its master {master.pid} is gone") from None
    except psutil.AccessDenied:
        raise Unavailable(f"process {master.pid} cannot be signalled: permission denied") from None
    idle_since: float | None = None
    while True:
        idle = is_idle(master)
        now = workers_of(master.process)
        passed = time.monotonic() - began
        if not master.process.is_running():
            raise Unavailable(f"nginx has ended: its master {master.pid} is gone")
        if idle is not False and has_changed(before, now):
            return Reload(Ending.SERVES, before, now, passed)
        idle_since = (passed if idle_since is None else idle_since) if idle else None
        is_settled = idle_since is not None and passed - idle_since > _SETTLED
        if is_settled and not now.serving - before.serving:
            return Reload(Ending.REFUSED, before, now, passed)
        if passed > (LONGEST if idle is False else limit):
            ending = Ending.MIXED if now.serving - before.serving else Ending.REFUSED
            return Reload(ending, before, now, passed)
        time.sleep(_PAUSE)


def _wait_until_idle(master: Master, limit: float) -> None:
    """Wait until an earlier reload is over, which would be taken for ours."""
    end = time.monotonic() + limit
    while is_idle(master) is False and time.monotonic() < end:
        time.sleep(_PAUSE)
