"""Which sockets a server of HTTP listens on, and what it is called there."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.foreign import Configuration, Node
from nginxgen.lint.urls import host_of


def http_servers(configuration: Configuration) -> Iterator[Node]:
    """Every server of HTTP whose block is in sight."""
    return (one for one in configuration.named("server") if one.inner == "server" and one.children is not None)


def sockets(server: Node) -> dict[str, Node]:
    """The sockets of a server, as ``*:80``, ``[::]:443`` or ``unix:/run/x``, each with what names it.

    A server that says nothing listens on port 80, unless an include that is not at hand says otherwise; the server
    itself stands for that.
    """
    found = {socket_of(one.args[0]): one for one in server.all("listen") if one.args and "quic" not in one.args}
    if not server.all("listen") and server.is_whole:
        found["*:80"] = server
    return found


def socket_of(address: str) -> str:
    """What an address of ``listen`` means: ``*:80`` for ``80``, ``0.0.0.0`` or ``*:80``."""
    if address.isdigit():
        return f"*:{address}"
    if address.startswith("unix:"):
        return address
    host = host_of(address)
    port = address[len(host) :] or ":80"
    return ("*" if host in ("*", "0.0.0.0") else host) + port


def names(server: Node) -> list[tuple[str, Node, int]]:
    """The names of a server, in small letters, each with the word that says it."""
    return [(name.lower(), one, at) for one in server.all("server_name") for at, name in enumerate(one.args, start=1)]


def is_default(listen: Node) -> bool:
    """Whether it makes its server the default of the socket."""
    return not {"default_server", "default"}.isdisjoint(listen.args[1:])
