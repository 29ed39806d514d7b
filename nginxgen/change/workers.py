"""Workers as they are compared: those that get their addresses when they start have names in the place of these."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from nginxgen.loading import Loaded
from nginxgen.model.upstream import Upstream, UpstreamServer

_LONGEST = 80


def with_workers_named(loaded: Loaded, counts: Mapping[str, int] | None = None) -> Loaded:
    """A cluster that can be rendered, wherever its workers will listen.

    Args:
        loaded: the cluster as its files have it.
        counts: how many workers groups have that run; else as many as the files say.
    """
    upstreams = {
        name: upstream if upstream.workers is None else _named(name, upstream, (counts or {}).get(name))
        for name, upstream in loaded.cluster.upstream.items()
    }
    return loaded._replace(cluster=loaded.cluster.but(upstream=upstreams))


def _named(name: str, upstream: Upstream, running: int | None) -> Upstream:
    workers = upstream.workers
    assert workers is not None
    said = len(os.sched_getaffinity(0)) if workers.count == "auto" else int(workers.count or 1)
    count = said if running is None else running
    if workers.port and workers.count != "auto":
        return upstream.but(workers=workers.but(count=str(count)))
    folder = f"unix:/workers/{re.sub('[^A-Za-z0-9_.-]', '_', name)[:_LONGEST]}"
    made = tuple(UpstreamServer.trusted({"address": f"{folder}.{at}"}) for at in range(count))
    return upstream.but(servers=(*upstream.servers, *made), workers=None, health=None)
