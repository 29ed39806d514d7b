"""Groups of backends: their names, whether any server answers, and what a balancing method forbids."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Diagnostic, error, warning
from nginxgen.model.cluster import Cluster
from nginxgen.model.upstream import WITHOUT_BACKUP, Upstream
from nginxgen.model.walk import Blocks
from nginxgen.source import Path


def check(cluster: Cluster, blocks: Blocks) -> Iterator[Diagnostic]:
    """What is wrong with groups."""
    yield from _names(cluster)
    for name, upstream in cluster.upstream.items():
        path: Path = ("upstream", name)
        yield from _anyone_up(upstream, path)
        yield from _addresses(upstream, path)
        yield from _backups(upstream, path)
        yield from _resolving(upstream, path, cluster)


def _names(cluster: Cluster) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for name in cluster.upstream:
        if (other := seen.setdefault(name.lower(), name)) != name:
            message = f'the groups "{other}" and "{name}" are one to nginx, which does not tell case apart'
            also = ((("upstream", other), f'"{other}" is here'),)
            yield error("NG010", message, ("upstream", name), "give one of them another name", also=also, key=True)


def _anyone_up(upstream: Upstream, path: Path) -> Iterator[Diagnostic]:
    servers = upstream.servers
    if upstream.workers is not None:
        return
    if not servers:
        if not upstream.directives:
            yield error(
                "NG018", f'the group "{path[1]}" has no servers', path, 'write servers = ["127.0.0.1:8080"]', key=True
            )
    elif all(server.backup for server in servers):
        help = "nginx refuses a group of backups only; take backup from one of them"
        yield error("NG018", f'every server of "{path[1]}" is a backup', (*path, "servers"), help)
    elif all(server.down for server in servers):
        help = "every request to the group gets a 502"
        yield warning("NG018", f'every server of "{path[1]}" is down', (*path, "servers"), help)


def _addresses(upstream: Upstream, path: Path) -> Iterator[Diagnostic]:
    seen: dict[str, int] = {}
    for at, server in enumerate(upstream.servers):
        first = seen.setdefault(server.address, at)
        if first != at:
            also = (((*path, "servers", first), "it is here"),)
            message = f"{server.address} stands twice in this group"
            yield warning("NG010", message, (*path, "servers", at), "give it a weight if it shall get more", also=also)


def _backups(upstream: Upstream, path: Path) -> Iterator[Diagnostic]:
    if not isinstance(upstream.balance, WITHOUT_BACKUP):
        return
    for at, server in enumerate(upstream.servers):
        if server.backup:
            message = f'backup cannot stand beside balance = "{upstream.balance.tag}"'
            also = (((*path, "balance"), "the method is chosen here"),)
            help = "nginx has backups for round_robin, least_conn and least_time"
            yield error("NG017", message, (*path, "servers", at, "backup"), help, also=also, key=True)


def _resolving(upstream: Upstream, path: Path, cluster: Cluster) -> Iterator[Diagnostic]:
    for at, server in enumerate(upstream.servers):
        if not server.resolve:
            continue
        where = (*path, "servers", at, "resolve")
        if upstream.resolver is None and cluster.http.resolver is None:
            help = 'write resolver = "127.0.0.53" (or your name server) in the group or in [http]'
            yield error("NG019", "nginx resolves this name at run time and knows no name server", where, help, key=True)
        no_zone = upstream.zone.size == "0" if upstream.zone else cluster.defaults == "nginx"
        if no_zone:
            help = "write a zone, or leave zone = false out"
            yield error("NG019", "names are resolved at run time in groups with a zone only", where, help, key=True)
