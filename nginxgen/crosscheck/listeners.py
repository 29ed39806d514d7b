"""Listeners and TLS: what a server says of them, by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nginxgen.diagnostic import Diagnostic, error, warning
from nginxgen.expand.servers import is_plain
from nginxgen.model.cluster import Cluster
from nginxgen.model.server import Listen, Server
from nginxgen.model.walk import Blocks
from nginxgen.source import Path


class _Use(NamedTuple):
    """A server's use of a socket."""

    server: Server
    listen: Listen
    path: Path


def check(cluster: Cluster, blocks: Blocks) -> Iterator[Diagnostic]:
    """What is wrong with listeners and their TLS."""
    for name, tls in cluster.tls.items():
        if tls.verify_client in ("on", "optional") and tls.client_certificate is None:
            where: Path = ("tls", name, "verify_client")
            help = "write client_certificate with the issuers that are taken"
            yield error("NG023", "clients are to show certificates, of nobody's issue", where, help)
    for at, server in enumerate(cluster.server):
        yield from _tls(server, ("server", at), cluster)
        yield from _redirects(server, ("server", at))


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
    for use in uses:
        is_plain_http = use.listen.ssl is None and not _speaks_tls(use) and not use.listen.quic
        if is_plain_http and use.listen.socket.endswith(":443"):
            help = 'write tls = "NAME", or { address = 443, ssl = false } when plain HTTP is meant'
            yield warning("NG028", "this speaks plain HTTP on port 443", use.path, help)
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


def _redirects(server: Server, path: Path) -> Iterator[Diagnostic]:
    """Redirects to somewhere that is told by the server's own names and ports."""
    if server.redirect_from and not any(map(is_plain, server.server_name)):
        help = "write the name that they are sent on to first in server_name"
        message = "other names are sent on, but none of this server's is one host's"
        yield error("NG011", message, (*path, "redirect_from"), help, key=True)
    secure = [one for one in server.listen if one.ssl or (server.tls and one.ssl is None)]
    reachable = [one for one in secure if not one.address.startswith("unix:")]
    if server.https_redirect and secure and not reachable:
        yield error("NG023", "nobody comes from port 80 to a socket file", (*path, "https_redirect"), key=True)
    if server.https_redirect and any("-" in one.address.rpartition(":")[2] for one in reachable):
        yield error("NG011", "https_redirect to which of these ports?", (*path, "https_redirect"), key=True)


def _has_issuers(server: Server, cluster: Cluster) -> bool:
    # Trusted certificates alone are enough since nginx 1.27.2; before, it refuses that.
    here, above = server, cluster.http
    return any((here.ssl_client_certificate, above.ssl_client_certificate, here.ssl_trusted_certificate))


def _has_certificate(server: Server, cluster: Cluster) -> bool:
    return bool(server.ssl_certificate or cluster.http.ssl_certificate or server.ssl_reject_handshake)
