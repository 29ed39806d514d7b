"""Names that point somewhere: groups, TLS settings, log formats, zones, named locations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from nginxgen.diagnostic import Diagnostic, error, warning
from nginxgen.model.addresses import pass_host
from nginxgen.model.block import Block
from nginxgen.model.cluster import Cluster
from nginxgen.model.hatch import Open
from nginxgen.model.http import Http
from nginxgen.model.location import Location
from nginxgen.model.maps import Entry, Map
from nginxgen.model.server import Server
from nginxgen.model.serving import Serving
from nginxgen.model.walk import Blocks, walk
from nginxgen.source import Path

_PORT = re.compile(r":\d+$")
_NAMES = re.compile(r"[A-Za-z0-9_.-]+")
PASSES = ("proxy_pass", "fastcgi_pass", "uwsgi_pass", "grpc_pass")


def check(cluster: Cluster, blocks: Blocks) -> Iterator[Diagnostic]:
    """Names that lead nowhere, and groups that nobody names."""
    used: set[str] = set()
    groups = {name.lower(): name for name in cluster.upstream}
    formats = {"combined", *cluster.http.log_format}
    requests = {one.zone.partition(":")[0] for one in cluster.http.limit_req_zone}
    connections = {one.zone.partition(":")[0] for one in cluster.http.limit_conn_zone}
    has_hatch = any(isinstance(block, Open) and block.directives for _, block in blocks)
    if "combined" in cluster.http.log_format:
        where: Path = ("http", "log_format", "combined")
        yield error("NG010", "nginx has a log format of that name itself", where, "give yours another one", key=True)
    for path, block in blocks:
        if isinstance(block, Location):
            yield from _group(block, path, cluster, groups, used)
        if isinstance(block, Serving):
            for at, log in enumerate(block.access_log):
                if log.format and log.format not in formats and not has_hatch:
                    where = (*path, "access_log", at, "format")
                    yield _unknown("log format", log.format, where, formats, "[http.log_format]")
            for at, limit in enumerate(block.limit_req):
                if limit.zone not in requests and not has_hatch:
                    yield _unknown("zone", limit.zone, (*path, "limit_req", at), requests, "limit_req_zone in [http]")
            for at, conn in enumerate(block.limit_conn):
                if conn.zone not in connections and not has_hatch:
                    yield _unknown(
                        "zone", conn.zone, (*path, "limit_conn", at), connections, "limit_conn_zone in [http]"
                    )
            yield from _both_lists(block, path)
        if isinstance(block, Server):
            if block.tls is not None and block.tls not in cluster.tls:
                yield _unknown("tls", block.tls, (*path, "tls"), cluster.tls, f"[tls.{block.tls}]")
            yield from _named_locations(block, path)
        used |= _mentioned(block, groups)
    for name in cluster.upstream:
        if name not in used and groups[name.lower()] not in used:
            help = f'write upstream = "{name}" in a location, or take the group out'
            yield warning("NG013", f'no location uses the group "{name}"', ("upstream", name), help, key=True)


def _group(
    location: Location, path: Path, cluster: Cluster, groups: dict[str, str], used: set[str]
) -> Iterator[Diagnostic]:
    if location.upstream is not None:
        if location.upstream.lower() in groups:
            used.add(groups[location.upstream.lower()])
        else:
            yield _unknown_group(location.upstream, (*path, "upstream"), cluster)
            used |= set(get_close_matches(location.upstream, cluster.upstream, n=1))
    for field in PASSES:
        host = pass_host(target) if (target := getattr(location, field)) else None
        if host is None:
            if target and "$" in target and cluster.http.resolver is None:
                yield from _needs_resolver(location, target, (*path, field), cluster, groups)
            continue
        if host.lower() in groups:
            used.add(groups[host.lower()])
        elif (close := _near_group(host, cluster)) is not None:
            also = ((("upstream", close), "this group is near"),)
            help = f'did you mean "{close}"? For a host of that name, give it its port or domain'
            yield error("NG012", f'"{host}" is no group', (*path, field), help, also=also)
            used.add(close)
        elif field != "proxy_pass" and not _PORT.search(host) and not _may_define_groups(cluster.http):
            help = f"give the host a port: {field} has none of its own"
            yield error("NG012", f'"{host}" is no group, and a host without a port', (*path, field), help)


def _may_define_groups(http: Http) -> bool:
    """Whether groups may come from where only nginx looks."""
    return bool(http.include) or any(one.name == "upstream" for one in http.directives)


def _near_group(host: str, cluster: Cluster) -> str | None:
    """A group that a bare host's name is near to: most often the group was meant."""
    if "." in host or ":" in host:
        return None
    return next(iter(get_close_matches(host, cluster.upstream, n=1, cutoff=0.75)), None)


def _needs_resolver(
    location: Location, target: str, where: Path, cluster: Cluster, groups: dict[str, str]
) -> Iterator[Diagnostic]:
    """A backend named by a variable is looked up at run time, unless the variable holds groups or addresses only."""
    host = target.split("://", 1)[-1].split("/", 1)[0]
    values = _values_of(host.replace("{", "").replace("}", ""), cluster.http)
    if values and all(value.lower() in groups for value in values):
        return
    if location.resolver is None and not host.startswith("unix:"):
        help = "write resolver in [http]; without one, nginx answers 502 unless the variable names a group or address"
        yield warning("NG019", "nginx resolves this backend at run time and knows no name server", where, help)


def _values_of(variable: str, http: Http) -> list[str]:
    """What a variable may be that a map or split_clients makes."""
    values: list[str] = []
    for one in http.map:
        if one.variable == variable:
            values += [*(entry.value for entry in one.entries), *([one.default] if one.default else [])]
    for split in http.split_clients:
        if split.variable == variable:
            values += [entry.value for entry in split.entries]
    return values


def _unknown_group(name: str, where: Path, cluster: Cluster) -> Diagnostic:
    close = get_close_matches(name, cluster.upstream, n=1)
    also = ((("upstream", close[0]), f'did you mean "{close[0]}"?'),) if close else ()
    known = f"groups: {', '.join(cluster.upstream)}" if 0 < len(cluster.upstream) < 20 else "write [upstream.NAME]"
    return error("NG012", f'upstream "{name}" is not defined', where, None if close else known, also=also)


def _unknown(what: str, name: str, where: Path, known: Iterable[str], home: str) -> Diagnostic:
    close = get_close_matches(name, list(known), n=1)
    help = f'did you mean "{close[0]}"?' if close else f"define it: {home}"
    return error("NG020", f'{what} "{name}" is not defined', where, help)


def _both_lists(block: Serving, path: Path) -> Iterator[Diagnostic]:
    if block.allow and block.deny and block.deny != ("all",):
        also = (((*path, "allow"), "allow is here"),)
        help = 'write access = [{ deny = "…" }, { allow = "…" }, { deny = "all" }] in the order that is meant'
        yield error(
            "NG011",
            "allow and deny beside each other: which is asked first?",
            (*path, "deny"),
            help,
            also=also,
            key=True,
        )
    if (block.allow or block.deny) and block.access:
        also = (((*path, "access"), "access is here"),)
        field = "allow" if block.allow else "deny"
        yield error(
            "NG011",
            f"{field} beside access: which is asked first?",
            (*path, field),
            "write all rules in access",
            also=also,
            key=True,
        )


def _named_locations(server: Server, path: Path) -> Iterator[Diagnostic]:
    names = {one.path for one in server.location if one.match.modifier == "@"}
    if any(one.name == "location" for one in server.directives):
        return
    for where, block in [(path, server), *walk(server.location, (*path, "location"))]:
        pages = getattr(block, "error_page", ()) if isinstance(block, Serving) else ()
        for at, page in enumerate(pages):
            if page.uri.startswith("@") and page.uri not in names:
                yield _unknown(
                    "named location", page.uri, (*where, "error_page", at, "uri"), names, f'path = "{page.uri}"'
                )
        if isinstance(block, Server | Location) and block.try_files:
            last = block.try_files[-1]
            if last.startswith("@") and last not in names:
                yield _unknown("named location", last, (*where, "try_files"), names, f'path = "{last}"')


def _mentioned(block: Block, groups: dict[str, str]) -> set[str]:
    """Groups that are named where only nginx knows whether they are meant: in maps and in the escape hatch."""
    texts: list[str] = []
    if isinstance(block, Entry):
        texts.append(block.value)
    if isinstance(block, Open):
        for directive in block.directives:
            texts += directive.words()
    if isinstance(block, Map) and block.default:
        texts.append(block.default)
    return {groups[name] for text in texts for name in _NAMES.findall(text.lower()) if name in groups}
