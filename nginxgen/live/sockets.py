"""Addresses: which ones a process listens on, and whether another could be bound now."""

from __future__ import annotations

import errno
import os
import socket
from ipaddress import ip_address
from typing import Any, Literal, NamedTuple

import psutil

_TELLING = (errno.EADDRINUSE, errno.EADDRNOTAVAIL)
"""Other failures do not tell what nginx would meet, whose master may do more than we may."""


class Address(NamedTuple):
    """Where something listens: a host (an address, a name or ``*``) and a port, or the path of a socket file."""

    kind: Literal["tcp", "udp", "unix"]
    host: str
    port: int = 0

    def __str__(self) -> str:
        if self.kind == "unix":
            return f"unix:{self.host}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" + (" (udp)" if self.kind == "udp" else "")


def held_by(process: psutil.Process) -> set[Address] | None:
    """The addresses that a process listens on; None when the system does not tell."""
    try:
        found = process.net_connections(kind="all")
    except psutil.Error:
        return None
    held = set()
    for one in found:
        where: Any = one.laddr  # a path for socket files, whatever its type says
        if one.family == socket.AF_UNIX:
            if where:
                held.add(Address("unix", str(where)))
        elif where and (one.status == psutil.CONN_LISTEN or one.type == socket.SOCK_DGRAM):
            kind: Literal["tcp", "udp"] = "udp" if one.type == socket.SOCK_DGRAM else "tcp"
            held.add(Address(kind, _plain(where[0]), where[1]))
    return held


def numeric(address: Address) -> set[Address]:
    """The same with a name replaced by its addresses; itself when the name is unknown."""
    if address.kind == "unix" or address.host == "*":
        return {address}
    try:
        return {address._replace(host=_plain(address.host))}
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except OSError:
        return {address}
    return {address._replace(host=_plain(str(one[4][0]))) for one in found}


def why_not(address: Address) -> str | None:
    """Why an address cannot be bound now, in the system's words; None when it can, or that is not known.

    It is bound as nginx would, and let go at once; nobody can connect to it.
    """
    if address.kind == "unix":
        return "a file of that name exists" if os.path.lexists(address.host) else None
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    kind = socket.SOCK_DGRAM if address.kind == "udp" else socket.SOCK_STREAM
    try:
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind(("" if address.host == "*" else address.host, address.port))
    except OSError as problem:
        return problem.strerror if problem.errno in _TELLING else None
    return None


def _plain(host: str) -> str:
    """A numeric address in its shortest form; ``*`` for all of IPv4."""
    return "*" if host == "0.0.0.0" else str(ip_address(host.strip("[]").partition("%")[0]))
