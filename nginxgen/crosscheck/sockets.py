"""Sockets: what the servers on each of them disagree about. Judges an explicit cluster, generated servers included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nginxgen.diagnostic import Diagnostic, error, warning
from nginxgen.model.cluster import Cluster
from nginxgen.model.server import Listen, Server
from nginxgen.source import Path

_SOCKET_OPTIONS = (
    "setfib",
    "fastopen",
    "backlog",
    "rcvbuf",
    "sndbuf",
    "accept_filter",
    "deferred",
    "bind",
    "ipv6only",
    "reuseport",
    "multipath",
    "so_keepalive",
)


class _Use(NamedTuple):
    """A server's use of a socket."""

    server: Server
    listen: Listen
    path: Path


def check(explicit: Cluster) -> Iterator[Diagnostic]:
    """What is wrong with what shares a socket."""
    sockets: dict[str, list[_Use]] = {}
    for at, server in enumerate(explicit.server):
        own: dict[str, int] = {}
        path: Path = ("server", at)
        for number, listen in enumerate(server.listen or (Listen.trusted({"address": "80"}),)):
            key = listen.socket
            if (first := own.setdefault(key, number)) != number:
                also = (((*path, "listen", first), "it is here"),)
                yield error("NG010", f"this server listens on {key} twice", (*path, "listen", number), also=also)
            else:
                sockets.setdefault(key, []).append(_Use(server, listen, (*path, "listen", number)))
    for key, uses in sockets.items():
        yield from _names(key, uses)
        yield from _default_servers(key, uses)
        yield from _agreement(key, uses)
        yield from _profiles(key, uses)


def _names(key: str, uses: list[_Use]) -> Iterator[Diagnostic]:
    seen: dict[str, Path] = {}
    for use in uses:
        base = use.path[:2]
        for at, name in enumerate(use.server.server_name or ("",)):
            where = (*base, "server_name", at) if use.server.server_name else base
            folded = name if name.startswith("~") else name.lower()
            first = seen.setdefault(folded, where)
            if first != where:
                shown = f'"{name}"' if name else "no name"
                what = f"two servers with {shown} listen on {key}" if first[:2] != base else f"{shown} stands twice"
                also = ((first, "it is here"),)
                yield error("NG014", what, where, "nginx would ignore the second one", also=also)


def _default_servers(key: str, uses: list[_Use]) -> Iterator[Diagnostic]:
    defaults = [use for use in uses if use.listen.default_server]
    for use in defaults[1:]:
        also = ((defaults[0].path, "the first one is here"),)
        yield error("NG014", f"two servers want to be the default on {key}", use.path, also=also)


def _agreement(key: str, uses: list[_Use]) -> Iterator[Diagnostic]:
    """Options belong to the socket: nginx takes them once, and connections speak one protocol."""
    for use in uses[1:]:
        first = uses[0]
        if bool(use.listen.ssl) != bool(first.listen.ssl) or use.listen.proxy_protocol != first.listen.proxy_protocol:
            also = ((first.path, "it was said here"),)
            help = "connections of one socket all begin alike; ssl and proxy_protocol belong to every server on it"
            yield error("NG011", f"two servers disagree on what {key} speaks", use.path, help, also=also)
    options = [use for use in uses if any(name in use.listen.said() for name in _SOCKET_OPTIONS)]
    for use in options[1:]:
        also = ((options[0].path, "they are here"),)
        yield error("NG011", f"the options of {key} are said twice", use.path, "say them once", also=also)


def _profiles(key: str, uses: list[_Use]) -> Iterator[Diagnostic]:
    """Before nginx 1.29.2 the protocols of a socket's default server count for all on it."""
    speaking = [use for use in uses if use.server.ssl_protocols]
    for use in speaking[1:]:
        if set(use.server.ssl_protocols) != set(speaking[0].server.ssl_protocols):
            also = (((*speaking[0].path[:2], "ssl_protocols"), "the other ones are said here"),)
            help = "before nginx 1.29.2 the protocols of the socket's default server count for every server on it"
            where = (*use.path[:2], "ssl_protocols")
            yield warning("NG025", f"servers on {key} speak different TLS protocols", where, help, also=also, key=True)
