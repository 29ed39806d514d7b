"""Shared memory: names that are used once, for one thing, with one size that is large enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nginxgen.diagnostic import Diagnostic, error
from nginxgen.model.cluster import Cluster
from nginxgen.model.serving import Serving
from nginxgen.model.upstream import StickyLearn
from nginxgen.model.walk import Blocks
from nginxgen.source import Path

_LEAST = 32 * 1024
"""Eight pages of 4k: nginx refuses less (src/core/ngx_slab.c and its callers; measured)."""
_UNITS = {"k": 1024, "m": 1024**2}


class _Zone(NamedTuple):
    """One declaration of shared memory."""

    name: str
    size: str | None
    use: str
    path: Path


def check(cluster: Cluster, blocks: Blocks) -> Iterator[Diagnostic]:
    """What is wrong with zones."""
    seen: dict[str, _Zone] = {}
    for zone in _zones(cluster):
        first = seen.setdefault(zone.name, zone)
        also = ((first.path, "it is here"),)
        if first.use != zone.use or (first is not zone and zone.use != "groups"):
            yield error(
                "NG010", f'two zones are named "{zone.name}"', zone.path, "give each a name of its own", also=also
            )
        elif first.size and zone.size and first.size != zone.size:
            help = "groups may share a zone; say its size once, or the same each time"
            yield error("NG011", f'the zone "{zone.name}" has two sizes', zone.path, help, also=also)
        if zone.size and zone.size != "0" and _bytes(zone.size) < _LEAST:
            yield error(
                "NG006", f"{zone.size} is too small for a zone", zone.path, "nginx wants 32k at least; write 64k"
            )
    for path, block in blocks:
        if isinstance(block, Serving):
            used: dict[str, int] = {}
            for at, limit in enumerate(block.limit_req):
                if (earlier := used.setdefault(limit.zone, at)) != at:
                    also = (((*path, "limit_req", earlier), "it is here"),)
                    yield error("NG010", f'"{limit.zone}" limits twice here', (*path, "limit_req", at), also=also)


def _zones(cluster: Cluster) -> Iterator[_Zone]:
    for use in ("limit_req_zone", "limit_conn_zone"):
        for at, one in enumerate(getattr(cluster.http, use)):
            name, _, size = one.zone.partition(":")
            yield _Zone(name, size, use, ("http", use, at, "zone"))
    for group, upstream in cluster.upstream.items():
        if upstream.zone is not None and upstream.zone.size != "0":
            yield _Zone(upstream.zone.name or group, upstream.zone.size, "groups", ("upstream", group, "zone"))
        if isinstance(upstream.sticky, StickyLearn):
            name, _, size = upstream.sticky.zone.partition(":")
            yield _Zone(name, size, f"sessions of {group}", ("upstream", group, "sticky", "zone"))


def _bytes(size: str) -> int:
    unit = _UNITS.get(size[-1].lower(), 0)
    return int(size[:-1]) * unit if unit else int(size)
