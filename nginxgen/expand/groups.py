"""Groups of backends, filled in: shared memory, kept connections, patience with restarts."""

from __future__ import annotations

from typing import Any

from nginxgen.conf.version import Version
from nginxgen.expand.work import Work
from nginxgen.model.upstream import Keepalive, RoundRobin, Upstream, UpstreamServer, Zone
from nginxgen.source import Path

KEEPALIVE = 32
"""Idle connections for each worker: what nginx itself keeps by default since 1.29.7."""
KEEPALIVE_OFF_SINCE = Version(1, 29, 7)


def expand_upstreams(work: Work) -> dict[str, Upstream]:
    """Every group as nginx is told it."""
    return {name: _upstream(name, one, work) for name, one in work.cluster.upstream.items()}


def _upstream(name: str, upstream: Upstream, work: Work) -> Upstream:
    said = upstream.said()
    path: Path = ("upstream", name)
    if isinstance(upstream.balance, RoundRobin):
        del said["balance"]
    if work.recommended:
        # One failure would take a server out for ten seconds, and a rolling restart of two with it all of them:
        # measured, 90 % and more of the requests got 502. Without it, nginx still asks the next server.
        said["servers"] = tuple(_patient(server) for server in upstream.servers)
        said.setdefault("keepalive", Keepalive.trusted({"connections": KEEPALIVE}))
        said.setdefault("zone", Zone.trusted({}))
    _name_zone(name, said)
    _drop_keepalive_off(said, path, work)
    return Upstream.trusted(said)


def _patient(server: UpstreamServer) -> UpstreamServer:
    return server if server.max_fails is not None else server.replace(max_fails=0)


def _name_zone(name: str, said: dict[str, Any]) -> None:
    zone = said.get("zone")
    if zone is None:
        return
    if zone.size == "0":
        del said["zone"]
    else:
        size = zone.size or zone_size(len(said.get("servers", ())))
        said["zone"] = zone.replace(name=zone.name or name, size=size)


def zone_size(servers: int) -> str:
    """Memory enough for a group of so many servers, with names and addresses of any length."""
    return f"{64 * (1 + servers // 40)}k"


def _drop_keepalive_off(said: dict[str, Any], path: Path, work: Work) -> None:
    keepalive = said.get("keepalive")
    if keepalive is not None and keepalive.connections == 0 and not work.target.since(KEEPALIVE_OFF_SINCE):
        del said["keepalive"]
        if work.target.since(KEEPALIVE_OFF_SINCE) or work.target.highest < KEEPALIVE_OFF_SINCE:
            return
        work.note(
            "NG031",
            f"keepalive = 0 is left out: before {KEEPALIVE_OFF_SINCE} nginx refuses it, and keeps nothing anyway",
            (*path, "keepalive"),
            "name a target; nginx since then keeps 32 connections unless told",
        )
