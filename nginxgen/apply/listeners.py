"""The addresses that an explicit cluster listens on, as nginx binds them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from nginxgen.conf.tree import Directive
from nginxgen.errors import ConfigError
from nginxgen.live.sockets import Address, numeric
from nginxgen.model.cluster import Cluster
from nginxgen.model.server import Listen
from nginxgen.source import Path


def addresses_of(explicit: Cluster) -> dict[Address, Path]:
    """Every address that servers listen on, numeric, and where it is said first."""
    found: dict[Address, Path] = {}
    for at, server in enumerate(explicit.server):
        if not server.listen:
            found.setdefault(Address("tcp", "*", 80), ("server", at))
        for number, listen in enumerate(server.listen):
            for address in _spread(listen.socket):
                for one in numeric(address):
                    found.setdefault(one, ("server", at, "listen", number))
    for directive in (*explicit.nginx.directives, *explicit.http.directives):
        for socket in _inside(directive):
            for address in _spread(socket):
                found.setdefault(address, ())
    return found


def _inside(directive: Directive) -> Iterator[str]:
    """The sockets in a block without a field of its own, such as stream."""
    if directive.name == "listen" and directive.args:
        with contextlib.suppress(ConfigError):
            yield Listen(address=directive.args[0], quic="udp" in directive.args).socket
    for inner in directive.block or ():
        yield from _inside(inner)


def is_covered(address: Address, others: set[Address]) -> bool:
    """Whether connections to an address come in through one of others: itself, or all of IPv4 or IPv6."""
    everywhere = "::" if ":" in address.host else "*"
    return address in others or (address.kind != "unix" and address._replace(host=everywhere) in others)


def _spread(socket: str) -> list[Address]:
    """The addresses that a socket's text stands for: one for each port of a range."""
    if socket.startswith("unix:"):
        return [Address("unix", socket.removeprefix("unix:"))]
    kind, _, rest = socket.rpartition(" ")
    host, _, ports = rest.rpartition(":")
    first, _, last = ports.partition("-")
    numbers = range(int(first), int(last or first) + 1)
    return [Address("udp" if kind else "tcp", host.strip("[]"), number) for number in numbers]
