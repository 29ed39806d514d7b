"""Groups of backends, filled in: shared memory, kept connections, patience with restarts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from nginxgen.conf.version import Version
from nginxgen.diagnostic import error
from nginxgen.expand.work import Work
from nginxgen.model.upstream import Keepalive, RoundRobin, Upstream, UpstreamServer, Zone
from nginxgen.source import Path

KEEPALIVE = 32
"""Idle connections for each worker: what nginx itself keeps by default since 1.29.7."""
MANY_GROUPS = 250
SHARED_ZONE = "nginxgen_groups"
KEEPALIVE_OFF_SINCE = Version(1, 29, 7)


def expand_upstreams(work: Work) -> dict[str, Upstream]:
    """Every group as nginx is told it."""
    shared = _shared_zone(work)
    return {name: _upstream(name, one, shared, work) for name, one in work.cluster.upstream.items()}


def _shared_zone(work: Work) -> Zone | None:
    """One zone for all groups, where these are many: nginx walks through all groups for each zone that it makes.

    Measured with ``nginx -t``: 10,000 groups take 2.4 s with a zone each and 0.8 s with one for all, 40,000 take 92 s,
    and 66,000 fail, since the system maps no more pieces of memory.
    """
    groups = work.cluster.upstream.values()
    if not work.recommended or len(groups) <= MANY_GROUPS:
        return None
    servers = [server for one in groups for server in one.servers]
    return Zone.trusted({"name": SHARED_ZONE, "size": f"{zone_size(servers, len(groups))}k"})


def _upstream(name: str, upstream: Upstream, shared: Zone | None, work: Work) -> Upstream:
    path: Path = ("upstream", name)
    upstream = _without_processes(upstream, path, work)
    said = upstream.said()
    if isinstance(upstream.balance, RoundRobin):
        del said["balance"]
    if work.recommended:
        # One failure would take a server out for ten seconds, and a rolling restart of two with it all of them:
        # measured, 90 % and more of the requests got 502. Without it, nginx still asks the next server.
        said["servers"] = tuple(_patient(server) for server in upstream.servers)
        said.setdefault("keepalive", Keepalive.trusted({"connections": KEEPALIVE}))
        said.setdefault("zone", shared or Zone.trusted({}))
    _name_zone(name, said)
    _drop_keepalive_off(said, path, work)
    return Upstream.trusted(said)


def _without_processes(upstream: Upstream, path: Path, work: Work) -> Upstream:
    """The group with the addresses of its workers, as far as the file itself tells them."""
    if upstream.workers is None:
        return upstream.but(health=None)
    first = (upstream.workers.port or "").partition("-")[0]
    count = upstream.workers.count or "1"
    made: tuple[UpstreamServer, ...] = ()
    if count == "0" or (first and count != "auto"):
        made = tuple(
            UpstreamServer.trusted({"address": f"127.0.0.1:{int(first or 0) + at}"}) for at in range(int(count))
        )
    else:
        what = "how many workers there are follows from the machine" if first else "the workers' addresses are not said"
        help = 'write count = 2 and port = 8100 under workers to render the file, or start it with "nginxgen up"'
        work.diagnostics.append(error("NG060", what, (*path, "workers"), help, key=True))
    return upstream.but(servers=made + upstream.servers, workers=None, health=None)


def _patient(server: UpstreamServer) -> UpstreamServer:
    return server if server.max_fails is not None else server.but(max_fails=0)


def _name_zone(name: str, said: dict[str, Any]) -> None:
    zone = said.get("zone")
    if zone is None:
        return
    if zone.size == "0":
        del said["zone"]
    else:
        size = zone.size or f"{zone_size(said.get('servers', ()))}k"
        said["zone"] = zone.but(name=zone.name or name, size=size)


def zone_size(servers: Collection[UpstreamServer], groups: int = 1) -> int:
    """Memory enough for so many servers, in KiB.

    Measured on 1.18.0, 1.22.1, 1.26.3, 1.30.6 and 1.31.3: the zone itself takes 32, an address up to 0.92, a host's
    name up to 1.3 for each address that it has; a name that is resolved at run time up to 1.8, and 0.83 for each
    address that is found, for which there is room for a hundred. Memory that is not touched costs nothing.
    """
    resolved = sum(1 for server in servers if server.resolve)
    needed = 32 * min(groups, 2) + 2 * (len(servers) + groups) + 2 * resolved + (150 if resolved else 0)
    return 64 * -(-needed // 64)


def _drop_keepalive_off(said: dict[str, Any], path: Path, work: Work) -> None:
    keepalive = said.get("keepalive")
    if keepalive is None or keepalive.connections != 0 or work.target.since(KEEPALIVE_OFF_SINCE):
        return
    del said["keepalive"]
    is_older = work.target.highest < KEEPALIVE_OFF_SINCE
    work.note(
        "NG031",
        f"keepalive = 0 is left out: before {KEEPALIVE_OFF_SINCE} nginx refuses it, and keeps nothing anyway",
        (*path, "keepalive"),
        None if is_older else f"name a target: nginx since {KEEPALIVE_OFF_SINCE} keeps 32 connections unless told",
    )
