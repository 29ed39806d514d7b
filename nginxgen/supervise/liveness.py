"""Liveness: a worker that runs and does not work any more, such as one that waits for ever, is replaced.

One at a time, since the group replaces one at a time; and ever more slowly where the next one does not work either.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from nginxgen.errors import NginxgenError
from nginxgen.model.workers import Probe, Workers
from nginxgen.supervise.probing import FALL, INTERVAL
from nginxgen.supervise.process import Child
from nginxgen.supervise.times import seconds
from nginxgen.supervise.worker import State, Worker, is_loop, ordinal, restart_delay


class Watched(Protocol):
    """What the checks need of a group."""

    workers: list[Worker]

    def is_busy(self) -> bool:
        """Whether workers are being replaced, so that two may listen on one socket."""

    async def renew(self, worker: Worker, reason: str) -> bool:
        """Let another one take a worker's place."""

    def tell(self, worker: Worker, line: str) -> None:
        """Say something of a worker."""


class Liveness:
    """The checks of one group's workers."""

    def __init__(self, group: Watched, said: Workers, probe: Probe) -> None:
        self._group = group
        self._said = said
        self._probe = probe
        self._failures: dict[Child, int] = {}
        """In a row, of each process."""
        self._renewals: dict[int, int] = {}
        """How often each worker was replaced, by its index, since one of that index worked."""
        self._not_before: dict[int, float] = {}

    async def run(self) -> None:
        """Ask, for as long as the group is there."""
        while True:
            await asyncio.sleep(seconds(self._probe.interval, INTERVAL))
            if self._group.is_busy():
                continue
            asked = [(one, one.child) for one in self._group.workers if one.state is State.READY]
            answers = await asyncio.gather(*(one.ask(self._probe) for one, _ in asked))
            if self._group.is_busy():
                continue
            failures, self._failures = self._failures, {}
            failing: list[tuple[Worker, str]] = []
            for (worker, child), answer in zip(asked, answers, strict=True):
                if answer.is_good:
                    self._renewals.pop(worker.index, None)
                elif child is not None and child is worker.child and worker.state is State.READY:
                    self._failures[child] = failures.get(child, 0) + 1
                    if self._failures[child] >= (self._probe.fall or FALL):
                        failing.append((worker, answer.reason))
            for worker, reason in failing:
                if time.monotonic() >= self._not_before.get(worker.index, 0):
                    await self._renew(worker, reason)

    async def _renew(self, worker: Worker, reason: str) -> None:
        count = self._renewals[worker.index] = self._renewals.get(worker.index, 0) + 1
        loop = f", {ordinal(count)} time in a row" if is_loop(self._said, count) else ""
        self._group.tell(worker, f"does not work: {reason}{loop}; another one is to take its place")
        try:
            if await self._group.renew(worker, f"did not work: {reason}"):
                self._group.tell(worker, "was replaced")
        except NginxgenError as problem:
            self._group.tell(worker, f"was not replaced: {problem}")
        self._not_before[worker.index] = time.monotonic() + restart_delay(self._said, count)
