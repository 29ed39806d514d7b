"""Active health checks, which open-source nginx does not have: servers that do not answer are marked down."""

from __future__ import annotations

import asyncio
from typing import Protocol

from nginxgen.model.cluster import Cluster
from nginxgen.model.upstream import Upstream, UpstreamServer
from nginxgen.model.workers import Probe
from nginxgen.supervise.group import Group
from nginxgen.supervise.output import Console
from nginxgen.supervise.probing import FALL, INTERVAL, RISE, ask
from nginxgen.supervise.times import seconds


class Watching(Protocol):
    """What the checks need of the supervisor."""

    groups: dict[str, Group]
    console: Console

    def server_changed(self, is_back: bool = False) -> None:
        """A server is to be marked otherwise."""


class Health:
    """The checks of every group that asks for them."""

    def __init__(self, system: Watching) -> None:
        self._system = system
        self._upstreams: dict[str, Upstream] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.down: dict[str, set[str]] = {}
        """Of each group, the addresses that do not work."""

    def follow(self, cluster: Cluster) -> None:
        """Check what the cluster says, from now on."""
        wanted = {name: one for name, one in cluster.upstream.items() if one.health is not None}
        for name in [name for name in self._tasks if wanted.get(name) != self._upstreams.get(name)]:
            self._tasks.pop(name).cancel()
            if name not in wanted:
                self.down.pop(name, set()).clear()  # which its group has as well
                self._system.server_changed(is_back=True)
        self._upstreams = wanted
        for name, upstream in wanted.items():
            if name not in self._tasks and upstream.health is not None:
                self._tasks[name] = asyncio.create_task(self._check(name, upstream, upstream.health))

    def stop(self) -> None:
        """Check nothing any more."""
        for task in self._tasks.values():
            task.cancel()

    def marked(self, name: str, upstream: Upstream) -> tuple[UpstreamServer, ...]:
        """The servers of a group, those that do not work marked down; never all of them."""
        down = self.down.get(name, set())
        servers = tuple(one.but(down=True) if one.address in down else one for one in upstream.servers)
        return upstream.servers if all(one.down for one in servers) else servers

    def state(self, name: str, address: str) -> str:
        """What is known of a server: up, down or unchecked."""
        if name not in self._tasks:
            return "unchecked"
        return "down" if address in self.down.get(name, set()) else "up"

    async def _check(self, name: str, upstream: Upstream, probe: Probe) -> None:
        counts: dict[str, int] = {}
        down = self.down.setdefault(name, set())  # what did not work before an edit does not work yet
        group = self._system.groups.get(name)
        if group is not None:
            group.down = down
        while True:
            addresses = [one.address for one in upstream.servers]
            if group is not None:
                addresses += [one.place.address for one in group.workers]
            down.intersection_update(addresses)
            answers = await asyncio.gather(*(ask(one, probe) for one in addresses))
            for address, answer in zip(addresses, answers, strict=True):
                # Answers count upwards from 1 and failures downwards from -1; the other kind begins anew.
                count = counts.get(address, 0)
                count = max(count, 0) + 1 if answer.is_good else min(count, 0) - 1
                counts[address] = count
                if address in down and count >= (probe.rise or RISE):
                    down.discard(address)
                    self._tell(name, f"{address} answers again", is_back=True)
                elif address not in down and count <= -(probe.fall or FALL):
                    down.add(address)
                    self._tell(name, f"{address} is down: {answer.reason}")
            await asyncio.sleep(seconds(probe.interval, INTERVAL))

    def _tell(self, name: str, message: str, is_back: bool = False) -> None:
        self._system.console.event(f"{name}: {message}")
        self._system.server_changed(is_back)
