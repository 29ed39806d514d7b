"""What ``nginxgen up`` is: workers and nginx together, following the cluster's file."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from nginxgen.change.workers import with_workers_named
from nginxgen.conf.target import Target
from nginxgen.diagnostic import Severity, has_errors
from nginxgen.errors import ConfigError, NginxgenError
from nginxgen.loading import Loaded, read_files
from nginxgen.model.cluster import Cluster
from nginxgen.model.upstream import Upstream, UpstreamServer
from nginxgen.proof.asking import ask_nginx
from nginxgen.proof.binary import NginxBinary
from nginxgen.proven import Rendered, render
from nginxgen.supervise.arrangement import Arrangement, generation
from nginxgen.supervise.group import Group, Surroundings
from nginxgen.supervise.health import Health
from nginxgen.supervise.listeners import held_addresses
from nginxgen.supervise.nginx import Generation, Nginx
from nginxgen.supervise.output import Console
from nginxgen.supervise.process import Guardian

BUDGET = 1.0
"""Seconds between reloads for servers that come and go by themselves, so that one that flaps causes no storm."""
DRAIN = 30.0
"""Seconds that nginx's old workers may take to end their requests before the backends that they use are stopped."""


class Supervisor:
    """One running system."""

    def __init__(self, files: Sequence[str], binary: NginxBinary, arrangement: Arrangement, console: Console) -> None:
        self.files = list(files)
        self.binary = binary
        self.arrangement = arrangement
        self.console = console
        self.groups: dict[str, Group] = {}
        self.ending = asyncio.Event()
        """Is set when everything is to end."""
        self.problem: NginxgenError | None = None
        """What ended it, if that was no wish."""
        self.nginx: Nginx
        self.loaded: Loaded
        self._guardian: Guardian
        self._around: Surroundings
        self._health: Health
        self._publishing = asyncio.Lock()
        self._updating = asyncio.Lock()
        self._came_or_went = asyncio.Event()
        self._came_back = asyncio.Event()
        self._is_started = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the workers, then nginx in front of them; ready when both serve.

        Raises:
            ConfigError: when the file is wrong.
            NotReady: when a worker is not.
            NotServing: when nginx does not take the configuration.
            Unavailable: when something that is needed is not there.
        """
        loaded = read_files(self.files)
        self._judge(loaded)
        self.loaded = loaded
        self._guardian = await Guardian.start()
        self.nginx = Nginx(self.binary, self.arrangement.folder, self._guardian, lambda line: self._say("nginx", line))
        self.nginx.on_death = lambda: self._spawn(self._revive())
        self._around = Surroundings(
            self.arrangement.folder,
            Path(self.files[0]).resolve().parent,
            self._guardian,
            self._say,
            self.publish,
            lambda: self.nginx.until_old_are_gone(DRAIN),
            self.server_changed,
        )
        self.groups = self._new_groups(loaded.cluster)
        self._health = Health(self)
        self._is_started = True
        outcomes = await asyncio.gather(*(one.start() for one in self.groups.values()), return_exceptions=True)
        for one in outcomes:
            if isinstance(one, BaseException):
                raise one
        await self.publish()
        self._health.follow(loaded.cluster)
        self._spawn(self._keep_published())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _say(self, source: str, line: str) -> None:
        self.console.line(source, line)

    def _new_groups(self, cluster: Cluster) -> dict[str, Group]:
        return {
            name: Group(name, upstream, self._around)
            for name, upstream in cluster.upstream.items()
            if upstream.workers is not None and name not in self.groups
        }

    def _judge(self, loaded: Loaded) -> None:
        """Whether the file is right, with stand-ins for workers that do not run yet; nginx is asked too.

        Raises:
            ConfigError: when it is not.
        """
        stand_ins = {name: _standing_in(one) for name, one in loaded.cluster.upstream.items()}
        rendered = self._rendered(loaded, loaded.cluster.but(upstream=stand_ins), 0)
        verdict = ask_nginx(rendered, self.binary)
        if has_errors(verdict.diagnostics):
            raise ConfigError(list(verdict.diagnostics), loaded.sources)
        for one in (*rendered.diagnostics, *verdict.diagnostics):
            if one.severity is Severity.WARNING:
                self.console.event(f"warning[{one.code}]: {one.message}")

    def _rendered(self, loaded: Loaded, cluster: Cluster, number: int) -> Rendered:
        target: Target | None = None if cluster.nginx.target else self.binary.target
        return render(
            Loaded(cluster, loaded.sources, loaded.problems, loaded.salvage),
            target,
            arrange=lambda explicit: self.arrangement.arrange(explicit, number),
        )

    async def publish(self) -> None:
        """Bring nginx to what the file and the workers say now; nothing happens when it says so already.

        Raises:
            ConfigError, NotServing, Unavailable: when it cannot be; what served before still does.
        """
        async with self._publishing:
            cluster = self.loaded.cluster.but(upstream=self._upstreams())
            wanted = self._wanted(cluster, self.nginx.number or 1)
            number = self.nginx.number_for(wanted.addresses)
            if number != (self.nginx.number or 1):
                wanted = self._wanted(cluster, number)
            if self.nginx.pid and self.nginx.serving and self.nginx.serving.text == wanted.text:
                return
            await self.nginx.bring(wanted)

    def _wanted(self, cluster: Cluster, number: int) -> Generation:
        rendered = self._rendered(self.loaded, cluster, number)
        explicit = rendered.expanded.cluster
        told = generation(explicit.but(server=explicit.server[:-1]))
        return Generation(rendered.text, told, held_addresses(explicit))

    def texts(self) -> dict[str, str | None]:
        """What is served: as the files say it, for which nginx, and as nginx has it, with the places of this run."""
        target = None if self.loaded.cluster.nginx.target else self.binary.target
        counts = {name: len(one.workers) for name, one in self.groups.items()}
        rendered = render(with_workers_named(self.loaded, counts), target)
        served = self.nginx.serving.text if self.nginx.serving else None
        return {"text": rendered.text, "target": str(rendered.target.lowest), "served": served}

    def _upstreams(self) -> dict[str, Upstream]:
        found = {}
        for name, upstream in self.loaded.cluster.upstream.items():
            servers = self.groups[name].servers() if name in self.groups else self._health.marked(name, upstream)
            found[name] = upstream.but(servers=servers, workers=None, health=None)
        return found

    async def update(self) -> None:
        """Follow the file; what is wrong with it changes nothing.

        Raises:
            ConfigError, NotReady, NotServing, Unavailable: when it cannot be followed; the system is as it was.
        """
        async with self._updating:
            loaded = read_files(self.files)
            self._judge(loaded)
            before, self.loaded = self.loaded, loaded
            groups = dict(self.groups)
            new = self._new_groups(loaded.cluster)
            try:
                for one in new.values():
                    await one.start()
                self.groups |= new
                for name, group in groups.items():
                    upstream = loaded.cluster.upstream.get(name)
                    if upstream is not None and upstream.workers is not None:
                        await group.update(upstream)
                    else:
                        del self.groups[name]
                await self.publish()
            except NginxgenError:
                self.loaded, self.groups = before, groups
                await self._take_back(before.cluster)
                await asyncio.gather(*(one.stop() for one in new.values()))
                await self.publish()
                raise
            self._health.follow(loaded.cluster)
            if gone := [one for name, one in groups.items() if name not in self.groups]:
                await self.nginx.until_old_are_gone(DRAIN)
                await asyncio.gather(*(one.stop() for one in gone))

    async def _take_back(self, cluster: Cluster) -> None:
        """Let the groups be again what they were before an edit that does not work."""
        for name, group in self.groups.items():
            if group.upstream != cluster.upstream[name]:
                with contextlib.suppress(NginxgenError):
                    await group.update(cluster.upstream[name])

    async def _keep_published(self) -> None:
        """Follow servers that come and go by themselves, within a budget."""
        while True:
            await self._came_or_went.wait()
            self._came_or_went.clear()
            self._came_back.clear()
            try:
                await self.publish()
            except NginxgenError as problem:
                self.console.event(f"error: {problem}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came_back.wait(), BUDGET)

    def hear(self, message: str) -> None:
        """A message of nginx."""
        if self._is_started:
            self.nginx.hear(message)

    def hurry(self) -> None:
        """Wait for nobody any more."""
        if not self._is_started:
            return
        for group in self.groups.values():
            group.hurry()
        self.nginx.hurry()

    def server_state(self, name: str, address: str) -> str:
        """What is known of a fixed server: up, down or unchecked."""
        return self._health.state(name, address)

    def server_changed(self, is_back: bool = False) -> None:
        """A server went by itself, or is back."""
        self._came_or_went.set()
        if is_back:
            self._came_back.set()

    async def _revive(self) -> None:
        """Start nginx again when its main process has died."""
        began = time.monotonic()
        self.console.event("nginx: its main process was ended; starting another one")
        try:
            await self.publish()
        except NginxgenError as problem:
            self.problem = NginxgenError(f"nginx cannot be started again: {problem}")
            self.ending.set()
        else:
            self.console.event(f"nginx: serves again after {1000 * (time.monotonic() - began):.0f} ms")

    async def stop(self) -> None:
        """End everything in order: nginx takes no more requests and ends those it has, then the workers go."""
        if not self._is_started:
            return
        for task in list(self._tasks):
            task.cancel()
        self._health.stop()
        self.nginx.on_death = lambda: None
        await self.nginx.stop()
        await asyncio.gather(*(one.stop() for one in self.groups.values()))
        await self._guardian.dismiss()


def _standing_in(upstream: Upstream) -> Upstream:
    if upstream.workers is None:
        return upstream.but(health=None)
    one = UpstreamServer.trusted({"address": "127.0.0.1:1"})
    return upstream.but(servers=(one, *upstream.servers), workers=None, health=None)
