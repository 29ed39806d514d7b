"""The workers of a group: started together, replaced one after the other, more or fewer of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from nginxgen.errors import Unavailable
from nginxgen.expand.groups import KEEPALIVE
from nginxgen.model.upstream import WITHOUT_BACKUP, Upstream, UpstreamServer
from nginxgen.model.workers import Workers
from nginxgen.supervise.places import Places
from nginxgen.supervise.process import Guardian
from nginxgen.supervise.worker import NotReady, State, Worker

_COUNTED_APART = ("count",)
"""What can change without another process."""
_ASKED_APART = ("ready", "ready_timeout", "grace", "stop_signal", "restart_delay", "restart_delay_max", "crashes")


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
        self.down: set[str] = set()
        """The addresses that a health check found not to work."""
        self._said: Workers = upstream.workers
        self._around = around
        self._places = Places(self._said.place, self._said.port, around.run, name)
        self._busy = asyncio.Lock()
        self._wanted = _count(self._said)

    def servers(self) -> tuple[UpstreamServer, ...]:
        """The group's servers for nginx: its workers, then those that stand beside them."""
        own = [self._server(one.place.address, _is_out(one)) for one in self.workers]
        fixed = [self._marked(one) for one in self.upstream.servers]
        servers = (*own, *fixed)
        # Never the last one out: a server that may answer is better than none.
        if all(one.down for one in servers):
            servers = tuple(one.but(down=False) for one in servers)
        return (*servers, *self._last_resort(servers))

    def _last_resort(self, servers: Sequence[UpstreamServer]) -> list[UpstreamServer]:
        """A held socket as a backup too, for requests that were cut off at every server.

        A held socket takes requests while nobody works on it, and its next process answers them. But nginx asks each
        server once and then answers 502, and the connections that it kept to processes which were just killed count as
        well. So the backup stands there once more than it keeps connections: one of these is used up by each, and at
        the latest the last one is new. (Every worker killed 20 times under load, GETs lost: 94 of 34,000 without,
        12 with one backup, 5 with two, 2 with four.)
        """
        if isinstance(self.upstream.balance, WITHOUT_BACKUP) or any(one.backup for one in servers):
            return []
        kept = KEEPALIVE if self.upstream.keepalive is None else self.upstream.keepalive.connections
        up = [one for one, worker in zip(servers, self.workers, strict=False) if worker.place.held and not one.down]
        return [one.but(backup=True) for one in up[:1]] * (kept + 1)

    def _server(self, address: str, is_out: bool) -> UpstreamServer:
        return self._marked(UpstreamServer.trusted({"address": address, "down": is_out}))

    def _marked(self, server: UpstreamServer) -> UpstreamServer:
        return server.but(down=True) if server.address in self.down else server

    async def start(self) -> None:
        """Start every worker, and wait until all are ready.

        Raises:
            NotReady: with the reasons, when one is not; the others are stopped again.
        """
        async with self._busy:
            await self._add(self._wanted)

    async def _add(self, count: int) -> None:
        """Start workers, all at once."""
        indexes = [index for index in range(len(self.workers) + count) if index not in {w.index for w in self.workers}]
        made = [self._made(index) for index in indexes[:count]]
        outcomes = await asyncio.gather(*(one.start() for one in made), return_exceptions=True)
        failures = [one for one in outcomes if isinstance(one, BaseException)]
        if failures:
            await asyncio.gather(*(self._remove(one) for one in made))
            raise _joined(failures)
        self.workers += made

    def _made(self, index: int, beside: Worker | None = None) -> Worker:
        place = beside.place if beside is not None and beside.place.held is not None else self._places.take()
        tell = lambda line: self._around.tell(f"{self.name}.{index}", line)  # noqa: E731
        worker = Worker(self.name, index, self._said, place, self._around.base, self._around.guardian, tell)
        worker.on_change = lambda worker: self._around.changed(worker.state is State.READY)
        return worker

    async def _remove(self, worker: Worker) -> None:
        await worker.stop()
        self._places.free(worker.place)

    async def restart(self) -> None:
        """Replace every worker, one after the other, so that the group never has fewer.

        Raises:
            NotReady: when a new one does not become ready; the one that it was to follow stays.
        """
        async with self._busy:
            for at in range(len(self.workers)):
                await self._replace(at)

    async def _replace(self, at: int) -> None:
        old = self.workers[at]
        new = self._made(old.index, beside=old)
        try:
            await new.start()
        except (NotReady, Unavailable):
            if new.place is not old.place:
                self._places.free(new.place)
            raise
        new.restarts = old.restarts
        self.workers[at] = new
        if new.place is not old.place:
            await self._around.publish()
            await self._around.drained()
        await old.stop()
        if new.place is not old.place:
            self._places.free(old.place)

    async def scale(self, count: int) -> None:
        """Have so many workers, at least one.

        Raises:
            NotReady: when a new one does not become ready; there are as many as before.
        """
        async with self._busy:
            await self._scale(max(count, 1))

    async def _scale(self, count: int) -> None:
        self._wanted = count
        if count > len(self.workers):
            await self._add(count - len(self.workers))
            await self._around.publish()
        elif count < len(self.workers):
            self.workers, gone = self.workers[:count], self.workers[count:]
            await self._around.publish()
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
                    for at in range(len(self.workers)):
                        await self._replace(at)
                except (NotReady, Unavailable):
                    self.upstream, self._said = earlier, before
                    self._places.follow(before.place, before.port)
                    raise
            for worker in self.workers:
                worker.said = self._said
            if before.count != self._said.count:
                await self._scale(_count(self._said))

    async def stop(self) -> None:
        """End every worker."""
        async with self._busy:
            await asyncio.gather(*(self._remove(one) for one in self.workers))
            self.workers = []

    def hurry(self) -> None:
        """End what is still ending at once."""
        for worker in self.workers:
            if worker.child is not None:
                worker.child.end_group()


def _is_out(worker: Worker) -> bool:
    """Whether requests had better not go there: its processes crash in a loop, and the next one is not soon to come.

    After one crash nothing is gained by it: where nobody listens nginx asks the next server at once, and a held socket
    keeps the request for the next process. But much is lost when other workers crash before nginx knows that this one
    is back (two workers killed in turns, 50 times: 6 % of the GETs).
    """
    return worker.state is State.FAILED


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
