"""The workers of a group: started together, replaced one after the other, more or fewer of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from nginxgen.errors import NginxgenError, Unavailable
from nginxgen.expand.groups import KEEPALIVE
from nginxgen.model.upstream import WITHOUT_BACKUP, Upstream, UpstreamServer
from nginxgen.model.workers import Workers
from nginxgen.supervise.liveness import Liveness
from nginxgen.supervise.places import Places
from nginxgen.supervise.probing import INTERVAL
from nginxgen.supervise.process import Guardian
from nginxgen.supervise.times import seconds
from nginxgen.supervise.worker import AWAY, NotReady, State, Worker

_COUNTED_APART = ("count",)
"""What can change without another process."""
_ASKED_APART = (
    "ready",
    "ready_timeout",
    "alive",
    "grace",
    "stop_signal",
    "restart_delay",
    "restart_delay_max",
    "crashes",
)


class Surroundings:
    """What a group needs of the supervisor."""

    def __init__(
        self,
        run: Path,
        base: Path,
        guardian: Guardian,
        tell: Callable[[str, str], None],
        publish: Callable[[], Awaitable[None]],
        drained: Callable[[], Awaitable[None]],
        changed: Callable[[bool], None],
    ) -> None:
        self.run = run
        self.base = base
        """The folder of the cluster's file."""
        self.guardian = guardian
        self.tell = tell
        self.publish = publish
        """Let nginx know the group's servers as they are now, with proof."""
        self.drained = drained
        """Wait until no earlier worker of nginx is left."""
        self.changed = changed
        """A server went by itself, or came back (true)."""


class Group:
    """The workers of one group."""

    def __init__(self, name: str, upstream: Upstream, around: Surroundings) -> None:
        assert upstream.workers is not None
        self.name = name
        self.upstream = upstream
        self.workers: list[Worker] = []
        """Those that nginx is to know."""
        self.down: set[str] = set()
        """The addresses that a health check found not to work."""
        self._said: Workers = upstream.workers
        self._around = around
        self._places = Places(self._said.place, self._said.port, around.run, name)
        self._all: list[Worker] = []
        """With those that begin, and those that end."""
        self._busy = asyncio.Lock()
        self._wanted = _count(self._said)
        self._out: set[Worker] = set()
        """Those that crashed and are not back in time: requests go to others first."""
        self._watching: asyncio.Task[None] | None = None
        self._endings: set[asyncio.Task[None]] = set()

    def servers(self) -> tuple[UpstreamServer, ...]:
        """The group's servers for nginx: its workers, then those that stand beside them.

        A worker that is out is a backup, which nginx asks when every other server has failed: should these crash before
        nginx knows that it is back, nothing is lost. (Marked down instead: two workers on ports, killed in turns 50
        times, cost 6 % of the GETs.)
        """
        own = [self._marked(one.place.address, self._server(one)) for one in self.workers]
        fixed = [self._marked(one.address, one) for one in self.upstream.servers]
        servers = (*own, *fixed)
        # Never the last one out: a server that may answer is better than none.
        if all(one.down for one in servers):
            servers = tuple(one.but(down=False) for one in servers)
        elif self._has_backups and not all(one.down or one.backup for one in servers):
            waiting = {one.place.address for one in self.workers if one in self._out} - self.down
            servers = tuple(one.but(down=False, backup=True) if one.address in waiting else one for one in servers)
        return (*servers, *self._last_resort(servers))

    @property
    def _has_backups(self) -> bool:
        return not isinstance(self.upstream.balance, WITHOUT_BACKUP)

    def _last_resort(self, servers: Sequence[UpstreamServer]) -> list[UpstreamServer]:
        """A held socket as a backup too, for requests that were cut off at every server.

        A held socket takes requests while nobody works on it, and its next process answers them. But nginx asks each
        server once and then answers 502, and the connections that it kept to processes which were just killed count as
        well. So the backup stands there once more than it keeps connections: one of these is used up by each, and at
        the latest the last one is new. (Every worker killed 20 times under load, GETs lost: 94 of 34,000 without,
        12 with one backup, 5 with two, 2 with four.)
        """
        if not self._has_backups or any(one.backup for one in self.upstream.servers):
            return []
        kept = KEEPALIVE if self.upstream.keepalive is None else self.upstream.keepalive.connections
        held = [one for one, worker in zip(servers, self.workers, strict=False) if worker.place.held]
        up = [one for one in held if not one.down and not one.backup]
        return [one.but(backup=True) for one in up[:1]] * (kept + 1)

    def _server(self, worker: Worker) -> UpstreamServer:
        return UpstreamServer.trusted({"address": worker.place.address, "down": worker in self._out})

    def _marked(self, address: str, server: UpstreamServer) -> UpstreamServer:
        return server.but(down=True) if address in self.down else server

    def _worker_changed(self, worker: Worker) -> None:
        """A worker crashed, or is back: out of the group when that takes longer than until the next probe.

        Until then nothing is gained by it, and a reload spared: where nobody listens nginx asks the next server at
        once, and a held socket keeps the request for the next process.
        """
        if worker.state is State.READY:
            if worker in self._out:
                self._out.discard(worker)
                self._around.changed(True)
        elif worker.state is State.FAILED:
            self._take_out(worker)
        elif worker.state is State.BACKOFF:
            asyncio.get_running_loop().call_later(self._until_probed(), self._take_out, worker)

    def _until_probed(self) -> float:
        probes = [one for one in (self._said.alive, self.upstream.health) if one is not None]
        return min((seconds(one.interval, INTERVAL) for one in probes), default=INTERVAL)

    def _take_out(self, worker: Worker) -> None:
        if worker in self.workers and worker.state in AWAY and worker not in self._out:
            self._out.add(worker)
            if not self._out.issuperset(self.workers):  # never the last one out
                self.tell(worker, "is out of the group until it is ready")
            self._around.changed(False)

    async def start(self) -> None:
        """Start every worker, and wait until all are ready.

        Raises:
            NotReady: with the reasons, when one is not; the others are stopped again.
        """
        async with self._busy:
            await self._add(self._wanted)
            self._watch()

    def _watch(self) -> None:
        """Ask the workers, from now on, as is said now."""
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        if self._said.alive:
            self._watching = asyncio.create_task(Liveness(self, self._said, self._said.alive).run())

    def is_busy(self) -> bool:
        """Whether workers are being started, replaced or ended."""
        return self._busy.locked()

    def tell(self, worker: Worker, line: str) -> None:
        """Say something of a worker."""
        self._around.tell(worker.name, line)

    async def _add(self, count: int) -> None:
        """Start workers, all at once."""
        indexes = [index for index in range(len(self.workers) + count) if index not in {w.index for w in self.workers}]
        made: list[Worker] = []
        try:
            for index in indexes[:count]:
                made.append(self._made(index))  # noqa: PERF401 (what was made must be known when another cannot be)
        except NginxgenError:
            await asyncio.gather(*(self._remove(one) for one in made))
            raise
        outcomes = await asyncio.gather(*(one.start() for one in made), return_exceptions=True)
        failures = [one for one in outcomes if isinstance(one, BaseException)]
        if failures:
            await asyncio.gather(*(self._remove(one) for one in made))
            raise _joined(failures)
        self.workers += made

    def _made(self, index: int, beside: Worker | None = None) -> Worker:
        place = beside.place if beside is not None and beside.place.held is not None else self._places.take()
        around = self._around
        worker = Worker(self.name, index, self._said, place, around.base, around.run, around.guardian, around.tell)
        worker.on_change = self._worker_changed
        self._all.append(worker)
        return worker

    async def _remove(self, worker: Worker) -> None:
        await worker.stop()
        self._out.discard(worker)
        if worker in self._all:
            self._all.remove(worker)
            if all(worker.place is not one.place for one in self._all):
                self._places.free(worker.place)

    async def restart(self) -> None:
        """Replace every worker, one after the other, so that the group never has fewer.

        Raises:
            NotReady: when a new one does not become ready; the one that it was to follow stays.
        """
        async with self._busy:
            for old in list(self.workers):
                await self._replace(old)

    async def _replace(self, old: Worker) -> None:
        new = await self._follow(old)
        if new.place is not old.place:
            await self._around.drained()
        await self._remove(old)

    async def _follow(self, old: Worker) -> Worker:
        """Let another one take a worker's place, who still runs then."""
        new, at = self._made(old.index, beside=old), self.workers.index(old)
        new.restarts, new.last_restart = old.restarts, old.last_restart
        try:
            await new.start()
            self.workers[at] = new
            if new.place is not old.place:
                await self._around.publish()
        except NginxgenError:
            self.workers[at] = old
            await self._remove(new)
            raise
        return new

    async def renew(self, worker: Worker, reason: str) -> bool:
        """Let another one take the place of a worker that runs and does not work; whether that was still needed.

        Who does not work is not waited for: it has its grace to end, beside everything else.

        Raises:
            NotReady: when the other one does not become ready; the first stays.
        """
        async with self._busy:
            if worker not in self.workers or worker.state is not State.READY:
                return False
            new = await self._follow(worker)
            new.note_restart(reason)
        ending = asyncio.create_task(self._remove(worker))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
        return True

    async def scale(self, count: int) -> None:
        """Have so many workers, at least one.

        Raises:
            NotReady: when a new one does not become ready; there are as many as before.
        """
        async with self._busy:
            await self._scale(max(count, 1))

    async def _scale(self, count: int) -> None:
        before = list(self.workers)
        if count > len(before):
            await self._add(count - len(before))
        else:
            self.workers = before[:count]
        try:
            if self.workers != before:
                await self._around.publish()
        except NginxgenError:
            added, self.workers = self.workers[len(before) :], before
            await asyncio.gather(*(self._remove(one) for one in added))
            raise
        self._wanted = count
        if gone := before[count:]:
            await self._around.drained()
            await asyncio.gather(*(self._remove(one) for one in gone))

    async def update(self, upstream: Upstream) -> None:
        """Follow what the file now says; processes change only where they must.

        Raises:
            NotReady: when what is new does not work; what is old goes on.
        """
        assert upstream.workers is not None
        async with self._busy:
            earlier, before = self.upstream, self._said
            self.upstream, self._said = upstream, upstream.workers
            if not _is_same(before, self._said, (*_COUNTED_APART, *_ASKED_APART)):
                self._places.follow(self._said.place, self._said.port)
                try:
                    for old in list(self.workers):
                        await self._replace(old)
                except (NotReady, Unavailable):
                    self.upstream, self._said = earlier, before
                    self._places.follow(before.place, before.port)
                    raise
            for worker in self.workers:
                worker.said = self._said
            self._watch()
            if before.count != self._said.count:
                await self._scale(_count(self._said))

    async def stop(self) -> None:
        """End every worker."""
        if self._watching is not None:
            self._watching.cancel()
        async with self._busy:
            await asyncio.gather(*(self._remove(one) for one in list(self._all)))
            self.workers = []

    def hurry(self) -> None:
        """End what is still ending at once."""
        for worker in self._all:
            if worker.child is not None:
                worker.child.end_group()


def _is_same(one: Workers, other: Workers, apart: Sequence[str]) -> bool:
    return one.but(**dict.fromkeys(apart)) == other.but(**dict.fromkeys(apart))


def _count(said: Workers) -> int:
    return len(os.sched_getaffinity(0)) if said.count == "auto" else int(said.count or 1)


def _joined(failures: list[BaseException]) -> BaseException:
    """Several reasons as one; anything but a worker that is not ready goes first."""
    for one in failures:
        if not isinstance(one, NotReady | Unavailable):
            return one
    return NotReady("\n".join(dict.fromkeys(str(one) for one in failures)))
