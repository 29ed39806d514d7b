"""Intent made explicit: from what a cluster wants to what one nginx is told, within the same model.

The result says every directive and nothing else (``defaults = "nginx"``); expanding it again changes nothing.
Templates print it one to one and `read` is their inverse.
"""

from __future__ import annotations

from typing import NamedTuple

from nginxgen.conf.target import Target
from nginxgen.diagnostic import Diagnostic
from nginxgen.expand import dialect, groups, http, main, servers, variables
from nginxgen.expand.work import Work
from nginxgen.model.cluster import Cluster
from nginxgen.source import Path


class Expanded(NamedTuple):
    """An explicit cluster, where its parts come from, and what there is to say about it."""

    cluster: Cluster
    origins: dict[Path, Path]
    diagnostics: tuple[Diagnostic, ...]

    def origin(self, path: Path) -> Path:
        """The path in the cluster as it was given for one in the explicit cluster."""
        for length in range(len(path), 0, -1):
            if (known := self.origins.get(path[:length])) is not None:
                return known
        return path


def expand(cluster: Cluster, target: Target) -> Expanded:
    """The explicit cluster for a target; what the target cannot do is among the diagnostics."""
    work = Work(cluster, target, cluster.defaults != "nginx")
    upstreams = groups.expand_upstreams(work)
    all_servers = servers.expand_servers(work)
    level = variables.define(http.expand_http(work), work)
    explicit = Cluster.trusted(
        {
            "defaults": "nginx",
            "nginx": main.expand_main(work),
            "http": level,
            "upstream": upstreams,
            "server": all_servers,
        }
    )
    work.diagnostics += dialect.check(explicit, work)
    return Expanded(explicit, work.origins, tuple(work.diagnostics))
