"""Generations of an nginx: a reload is done when no worker of an earlier one accepts connections any more.

Neither ``nginx -s reload``'s exit code nor the first new answer shows that: nginx refuses a configuration after the
signal was sent, and for 100 to 150 ms after the first new worker answers, old ones answer too (measured on 1.22.1 and
1.31.3). What shows it is the workers themselves: nginx renames those that are leaving, in their own process.
"""

from __future__ import annotations

from typing import NamedTuple

import psutil

WORKER = "nginx: worker process"
LEAVING = "is shutting down"
"""How nginx names its workers, and what it adds when they take no more connections."""


class Workers(NamedTuple):
    """The workers of an nginx at one moment; processes compare by number and start, so none is taken for another."""

    serving: frozenset[psutil.Process]
    leaving: frozenset[psutil.Process]


def workers_of(master: psutil.Process) -> Workers:
    """Which workers accept connections, and which only finish what they have begun; none when the master is gone."""
    serving: set[psutil.Process] = set()
    leaving: set[psutil.Process] = set()
    try:
        children = master.children()
    except psutil.NoSuchProcess:
        children = []
    for child in children:
        try:
            title = " ".join(child.cmdline())
        except psutil.NoSuchProcess:
            continue
        if title.startswith(WORKER):
            (leaving if LEAVING in title else serving).add(child)
    return Workers(frozenset(serving), frozenset(leaving))


def has_changed(before: Workers, now: Workers) -> bool:
    """Whether a new generation serves and no worker of an earlier one does any more."""
    return bool(now.serving - before.serving) and not now.serving & before.serving
