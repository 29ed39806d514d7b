"""Listeners: who answers where, under which name, and whether TLS has its certificates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nginxgen.diagnostic import Diagnostic, error, warning
from nginxgen.model.cluster import Cluster
from nginxgen.model.server import Listen, Server
from nginxgen.model.walk import Blocks
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


def check(cluster: Cluster, blocks: Blocks) -> Iterator[Diagnostic]:
    """What is wrong with listeners and what answers on them."""
    sockets: dict[str, list[_Use]] = {}
    for at, server in enumerate(cluster.server):
        path: Path = ("server", at)
        yield from _tls(server, path, cluster)
        own: dict[str, int] = {}
        for number, listen in enumerate(server.listen or (Listen.trusted({"address": "443" if server.tls else "80"}),)):
            key = listen.socket
            if (first := own.setdefault(key, number)) != number:
                also = (((*path, "listen", first), "it is here"),)
                yield error("NG010", f"this server listens on {key} twice", (*path, "listen", number), also=also)
            sockets.setdefault(key, []).append(_Use(server, listen, (*path, "listen", number)))
    for key, uses in sockets.items():
        yield from _names(key, uses)
        yield from _default_servers(key, uses)
        yield from _agreement(key, uses)
        yield from _profiles(key, uses, cluster)


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
        if _speaks_tls(use) != _speaks_tls(first) or use.listen.proxy_protocol != first.listen.proxy_protocol:
            also = ((first.path, "it was said here"),)
            help = "connections of one socket all begin alike; ssl and proxy_protocol belong to every server on it"
            yield error("NG011", f"two servers disagree on what {key} speaks", use.path, help, also=also)
    options = [use for use in uses if any(name in use.listen.said() for name in _SOCKET_OPTIONS)]
    for use in options[1:]:
        also = ((options[0].path, "they are here"),)
        yield error("NG011", f"the options of {key} are said twice", use.path, "say them once", also=also)


def _profiles(key: str, uses: list[_Use], cluster: Cluster) -> Iterator[Diagnostic]:
    """Before nginx 1.29.2 the protocols of a socket's default server count for all on it."""
    named = [(use, cluster.tls[use.server.tls].profile) for use in uses if use.server.tls in cluster.tls]
    for use, profile in named:
        if profile != named[0][1]:
            also = (((*named[0][0].path[:2], "tls"), "the other one is named here"),)
            help = "before nginx 1.29.2 the protocols of the socket's default server count for every server on it"
            where = (*use.path[:2], "tls")
            yield warning("NG025", f"servers on {key} have different TLS profiles", where, help, also=also, key=True)


def _speaks_tls(use: _Use) -> bool:
    if use.listen.ssl is not None:
        return use.listen.ssl
    return (use.server.tls is not None or use.server.ssl is True) and not use.listen.quic


def _tls(server: Server, path: Path, cluster: Cluster) -> Iterator[Diagnostic]:
    uses = [_Use(server, one, (*path, "listen", at)) for at, one in enumerate(server.listen)]
    speaking = [use for use in uses if _speaks_tls(use) or use.listen.quic] or (not uses and bool(server.tls))
    if server.tls is not None:
        if server.ssl_certificate:
            also = (((*path, "tls"), "the settings are named here"),)
            yield error(
                "NG011",
                "certificates come from tls, or from ssl_certificate",
                (*path, "ssl_certificate"),
                also=also,
                key=True,
            )
        for use in uses:
            if use.listen.ssl is None and use.listen.address.rpartition(":")[2] == "80" and not use.listen.quic:
                help = (
                    "write { address = 80, ssl = false } for plain HTTP, { address = 80, ssl = true } for TLS, "
                    "or leave it out and write https_redirect = true"
                )
                yield error(
                    "NG011", "this server has tls, and port 80 is plain HTTP by custom: which is meant?", use.path, help
                )
    elif speaking and not _has_certificate(server, cluster):
        where = uses[0].path if uses else path
        help = 'write tls = "NAME" and [tls.NAME], or ssl_certificate and ssl_certificate_key'
        yield error("NG023", "a listener speaks TLS and the server has no certificate", where, help)
    if server.https_redirect and not speaking:
        yield error(
            "NG023",
            "https_redirect needs a listener that speaks TLS",
            (*path, "https_redirect"),
            'write tls = "NAME"',
            key=True,
        )
    if server.ssl_verify_client in ("on", "optional") and not _has_issuers(server, cluster):
        help = "write ssl_client_certificate with the issuers that are taken"
        yield error("NG023", "clients are to show certificates, of nobody's issue", (*path, "ssl_verify_client"), help)
    if len(server.ssl_certificate) != len(server.ssl_certificate_key):
        yield error("NG023", "there are not as many keys as certificates", (*path, "ssl_certificate"), key=True)


def _has_issuers(server: Server, cluster: Cluster) -> bool:
    # Trusted certificates alone are enough since nginx 1.27.2; before, it refuses that.
    here, above = server, cluster.http
    return any((here.ssl_client_certificate, above.ssl_client_certificate, here.ssl_trusted_certificate))


def _has_certificate(server: Server, cluster: Cluster) -> bool:
    return bool(server.ssl_certificate or cluster.http.ssl_certificate or server.ssl_reject_handshake)
