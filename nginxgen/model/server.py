"""Virtual hosts: where they listen, their names, and what they hold."""

from typing import Annotated, Any

from nginxgen.conf.version import Version
from nginxgen.model.addresses import socket_of
from nginxgen.model.backend import Backends
from nginxgen.model.block import arg, block, directive, flag, intent, param
from nginxgen.model.hatch import Open
from nginxgen.model.http import RequestHeads
from nginxgen.model.location import Location
from nginxgen.model.record import Record
from nginxgen.model.records import Return
from nginxgen.model.serving import Serving
from nginxgen.model.tls import Ssl
from nginxgen.model.values import (
    Count,
    Filled,
    Identifier,
    KeepaliveProbes,
    ListenAddress,
    Positive,
    ServerName,
    Size,
    Word,
)


class Listen(Record):
    """``listen``: an address, and how its connections are taken."""

    address: Annotated[ListenAddress, arg("A port, address:port, address, *:port, name:port or unix:/path.")]
    default_server: bool = flag("Whether this server answers for unknown names here.")
    ssl: bool | None = flag("Whether connections speak TLS; they do where the server has a tls, unless said.")
    http2: bool = flag("Whether HTTP/2 is spoken; write http2 = true in the server.")
    quic: bool = flag("Whether connections speak QUIC.", since=Version(1, 25, 0))
    proxy_protocol: bool = flag("Whether a proxy in front tells the client's address first.")
    setfib: Count | None = param("The routing table (FreeBSD).")
    fastopen: Count | None = param("How many TCP Fast Open connections may wait.")
    backlog: Positive | None = param("How many connections may wait to be accepted.")
    rcvbuf: Size | None = param("The size of the receive buffer.")
    sndbuf: Size | None = param("The size of the send buffer.")
    accept_filter: Word | None = param("The accept filter (FreeBSD, NetBSD).")
    deferred: bool = flag("Whether connections are accepted when data is there.")
    bind: bool = flag("Whether the address gets a socket of its own.")
    ipv6only: bool | None = param("Whether an IPv6 address takes IPv6 connections only.")
    reuseport: bool = flag("Whether each worker gets a socket of its own.")
    multipath: bool = flag("Whether Multipath TCP is spoken.", since=Version(1, 29, 7))
    so_keepalive: KeepaliveProbes | None = param("Whether TCP keepalive is on, or its times idle:interval:count.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"address": value} if isinstance(value, str | int) and not isinstance(value, bool) else value

    @property
    def socket(self) -> str:
        """One text for each socket, however its address is written: ``80`` is ``*:80``."""
        return socket_of(self.address, self.quic)

    def problem(self) -> str | None:
        if self.quic and (self.ssl or self.http2):
            return "a listener speaks QUIC or TLS over TCP, not both; write one for each"
        if self.address.startswith("unix:") and (self.ipv6only is not None or self.reuseport or self.quic):
            return "a socket file knows no ipv6only, reuseport or quic"
        if self.ipv6only is not None and not self.address.startswith("["):
            return "ipv6only belongs to IPv6 addresses, such as [::]:80"
        return None


class Server(Open, Serving, Backends, RequestHeads, Ssl):
    """A virtual host."""

    tls: Identifier | None = intent("The TLS settings that the server uses, by name.")
    ssl: bool | None = intent('nginx\'s former "ssl on": its listeners speak TLS.')
    https_redirect: bool | None = intent("Whether plain HTTP, on port 80, is sent on to this server.")
    redirect_from: tuple[ServerName, ...] = intent("Other names that are sent on to this server's first name.")
    listen: tuple[Listen, ...] = directive("Where the server listens.", placed=True)
    server_name: tuple[ServerName, ...] = directive("The server's names.", placed=True)
    return_: Return | None = directive("The answer itself, to every request.", placed=True)
    try_files: tuple[Filled, ...] = directive(
        "Files that are tried in turn; the last is a URI, @name or =code.", placed=True
    )
    location: tuple[Location, ...] = block("What happens to requests, by their path.")
