"""What ``nginxgen up`` is: workers and nginx together, following the cluster's file."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any

from nginxgen.change.workers import with_workers_named
from nginxgen.diagnostic import Diagnostic, error
from nginxgen.errors import ConfigError, NginxgenError
from nginxgen.loading import Loaded
from nginxgen.model.cluster import Cluster
from nginxgen.model.upstream import Upstream
from nginxgen.proof.binary import NginxBinary, examine_again
from nginxgen.proven import render
from nginxgen.supervise.arrangement import Arrangement
from nginxgen.supervise.group import Group, Surroundings
from nginxgen.supervise.health import Health
from nginxgen.supervise.listeners import Address, Taken
from nginxgen.supervise.nginx import Nginx, NotServing
from nginxgen.supervise.output import Console
from nginxgen.supervise.process import Guardian
from nginxgen.supervise.texts import Generation, Texts
from nginxgen.supervise.worker import NotReady

BUDGET = 1.0
"""Seconds between reloads for servers that come and go by themselves, so that one that flaps causes no storm."""
AGAIN = (0.5, 1.0, 2.0, 4.0, 0.0)
"""Seconds between attempts to start nginx again; what is not over by then, such as a full disk, ends everything."""
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
        self._all_groups: list[Group] = []
        """With those that begin, and those that end."""
        self.ending = asyncio.Event()
        """Is set when everything is to end."""
        self.problem: NginxgenError | None = None
        """What ended it, if that was no wish."""
        self.nginx: Nginx
        self.loaded: Loaded
        self._texts = Texts(files, arrangement)
        self._around: Surroundings
        self._health: Health
        self._publishing = asyncio.Lock()
        self._updating = asyncio.Lock()
        self._came_or_went = asyncio.Event()
        self._came_back = asyncio.Event()
        self._is_started = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, guardian: Guardian) -> None:
        """Start the workers, then nginx in front of them; ready when both serve.

        Raises:
            ConfigError: when the file is wrong, nginx refuses it, or a worker is not ready.
            NotServing: when nginx does not take the configuration, and does not say why.
            Unavailable: when something that is needed is not there.
        """
        self.loaded, addresses = await self._judged(self.binary)
        folder, base = self.arrangement.folder, self.arrangement.base
        self.nginx = Nginx(folder, base, guardian, lambda line: self._say("nginx", line))
        self.nginx.on_death = lambda: self._spawn(self._revive())
        self._around = Surroundings(
            folder,
            base,
            guardian,
            self._say,
            self.publish,
            lambda: self.nginx.until_old_are_gone(DRAIN),
            self.server_changed,
        )
        self.groups = self._new_groups(self.loaded.cluster)
        self._health = Health(self)
        self._is_started = True
        self.nginx.hold(addresses)  # what is taken is told before any worker begins
        outcomes = await asyncio.gather(*(one.start() for one in self.groups.values()), return_exceptions=True)
        found = []
        for name, one in zip(self.groups, outcomes, strict=True):
            if isinstance(one, NotReady):
                found.append(_not_ready(name, one))
            elif isinstance(one, BaseException):
                raise one
        if found:
            raise ConfigError(found, self.loaded.sources)
        await self.publish()
        self._health.follow(self.loaded.cluster)
        self._spawn(self._keep_published())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _say(self, source: str, line: str) -> None:
        self.console.line(source, line)

    def _new_groups(self, cluster: Cluster) -> dict[str, Group]:
        new = {
            name: Group(name, upstream, self._around)
            for name, upstream in cluster.upstream.items()
            if upstream.workers is not None and name not in self.groups
        }
        self._all_groups += new.values()
        return new

    async def _end(self, groups: Sequence[Group]) -> None:
        await asyncio.gather(*(one.stop() for one in groups))
        self._all_groups = [one for one in self._all_groups if one not in groups]

    async def _judged(self, binary: NginxBinary) -> tuple[Loaded, list[Address]]:
        """The files, when they and nginx agree, and where they listen; what there is to warn of is told.

        Raises:
            ConfigError: when they are wrong.
        """
        loaded, warnings, addresses = await asyncio.to_thread(self._texts.judge, binary)
        for one in warnings:
            self.console.event(f"warning[{one.code}]: {one.message}")
        return loaded, addresses

    async def publish(self) -> None:
        """Bring nginx to what the file and the workers say now; nothing happens when it says so already.

        Raises:
            ConfigError, NotServing, Unavailable: when it cannot be; what served before still does.
        """
        async with self._publishing:
            wanted = await self._wanted(self.nginx.number or 1)
            number = self.nginx.number_for(wanted)
            if number != (self.nginx.number or 1):
                wanted = await self._wanted(number)
            serving = self.nginx.serving
            if self.nginx.pid and serving and serving.is_same(wanted):
                return
            try:
                await self.nginx.bring(wanted)
            except NotServing as problem:
                if found := wanted.refused(str(problem), self.nginx.file(number)):
                    raise ConfigError(found, self.loaded.sources) from None
                raise
            except Taken as problem:
                if serving is None:
                    raise
                found = [error("NG044", str(problem), wanted.listens(problem.address))]
                raise ConfigError(found, self.loaded.sources) from None
            if serving and serving.binary.stamp != wanted.binary.stamp:
                self.console.event(f"nginx {serving.binary.target.lowest} was replaced by {wanted.binary}")

    async def _wanted(self, number: int) -> Generation:
        return await asyncio.to_thread(self._texts.generation, self.loaded, self._upstreams(), self.binary, number)

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
            ConfigError, NotServing, Unavailable: when it cannot be followed; the system is as it was.
        """
        async with self._updating:
            binary = await asyncio.to_thread(examine_again, self.binary)
            loaded, _ = await self._judged(binary)
            before, self.loaded = (self.loaded, self.binary), loaded
            self.binary = binary
            groups = dict(self.groups)
            new = self._new_groups(loaded.cluster)
            try:
                for name, group in new.items():
                    with _at_command(name, loaded):
                        await group.start()
                self.groups |= new
                for name, group in groups.items():
                    upstream = loaded.cluster.upstream.get(name)
                    if upstream is not None and upstream.workers is not None:
                        with _at_command(name, loaded):
                            await group.update(upstream)
                    else:
                        del self.groups[name]
                await self.publish()
            except Exception:
                (self.loaded, self.binary), self.groups = before, groups
                await self._take_back(self.loaded.cluster)
                await self._end(list(new.values()))
                await self.publish()
                raise
            self._health.follow(loaded.cluster)
            if gone := [one for name, one in groups.items() if name not in self.groups]:
                await self.nginx.until_old_are_gone(DRAIN)
                await self._end(gone)

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
        for group in self._all_groups:
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
        """Start nginx again when its main process has died; its workers serve until then."""
        began = time.monotonic()
        self.console.event("nginx: its main process was ended; starting another one")
        for pause in AGAIN:
            try:
                self.binary = await asyncio.to_thread(examine_again, self.binary)
                await self.publish()
            except NginxgenError as problem:
                self.problem = problem
                self.console.event(f"nginx: cannot be started again: {problem}")
                await asyncio.sleep(pause)
            else:
                self.problem = None
                self.console.event(f"nginx: serves again after {1000 * (time.monotonic() - began):.0f} ms")
                return
        self.ending.set()

    async def stop(self) -> None:
        """End everything in order: nginx takes no more requests and ends those it has, then the workers go."""
        if not self._is_started:
            return
        for task in list(self._tasks):
            task.cancel()
        self._health.stop()
        self.nginx.on_death = lambda: None
        await self.nginx.stop()
        await self._end(self._all_groups)


def _not_ready(name: str, problem: NotReady) -> Diagnostic:
    """The same at the place of the command, in one line: what a worker has said last may have several."""
    said = str(problem).replace(":\n    ", ": ").replace("\n    ", " / ").replace("\n", "; ")
    return error("NG064", said, ("upstream", name, "workers", "command"))


@contextlib.contextmanager
def _at_command(name: str, loaded: Loaded) -> Iterator[None]:
    """Tell of workers that are not ready where their command stands."""
    try:
        yield
    except NotReady as problem:
        raise ConfigError([_not_ready(name, problem)], loaded.sources) from None
