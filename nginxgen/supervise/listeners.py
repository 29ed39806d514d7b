"""The sockets on which nginx listens, held by the supervisor: one nginx can follow another and nobody is refused."""

from __future__ import annotations

import contextlib
import errno
import re
import socket
from collections.abc import Iterable

import psutil

from nginxgen.errors import Unavailable
from nginxgen.model.cluster import Cluster
from nginxgen.model.server import Listen

BACKLOG = 4096
_PORT = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[0-9.]+|\*):(?P<port>\d+)")


def held_addresses(explicit: Cluster) -> list[tuple[str, int]]:
    """The hosts and ports of a cluster's sockets that can be held: TCP, by number, and one socket for all workers.

    Nginx has one socket for a port of all addresses and none for the single ones beside it.
    """
    found: set[tuple[str, int]] = set()
    for server in explicit.server:
        for listen in server.listen or (Listen.trusted({"address": "80"}),):
            if not (listen.quic or listen.reuseport or listen.multipath) and (match := _PORT.fullmatch(listen.socket)):
                host = {"*": "0.0.0.0"}.get(match["host"], match["host"].strip("[]"))
                found.add((host, int(match["port"])))
    wild = {(host, port) for host, port in found if host in ("0.0.0.0", "::")}
    return sorted(one for one in found if one in wild or (_all_of(one[0]), one[1]) not in wild)


def _all_of(host: str) -> str:
    return "::" if ":" in host else "0.0.0.0"


class Listeners:
    """Sockets by their addresses."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], socket.socket] = {}

    def missing(self, wanted: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
        """The addresses that are not held yet."""
        return [one for one in wanted if one not in self._held]

    def hold(self, wanted: Iterable[tuple[str, int]]) -> None:
        """Listen on what is not held yet, or on none of it.

        Raises:
            Unavailable: with who is there already, or which right is lacking.
        """
        made: dict[tuple[str, int], socket.socket] = {}
        try:
            for address in self.missing(wanted):
                made[address] = _listening(*address)
        except Unavailable:
            for one in made.values():
                one.close()
            raise
        self._held |= made

    def release(self, wanted: Iterable[tuple[str, int]]) -> None:
        """Close every socket that is not wanted."""
        kept = set(wanted)
        for address in [one for one in self._held if one not in kept]:
            self._held.pop(address).close()

    def numbers(self, wanted: Iterable[tuple[str, int]]) -> list[int]:
        """The file descriptors of some addresses."""
        return [self._held[one].fileno() for one in wanted]


def _listening(host: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if ":" in host:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as nginx since 1.3.4
        made.bind((host, port))
        made.listen(BACKLOG)
        made.setblocking(False)  # nginx does not set this on sockets that it inherits, and its workers would hang
    except OSError as problem:
        made.close()
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        raise Unavailable(_why(problem, shown, port)) from None
    return made


def _why(problem: OSError, shown: str, port: int) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"{shown} is taken{_by(port)}; end that, or move all ports with --port-offset"
    if problem.errno == errno.EACCES:
        return f"{shown} needs rights that you do not have; --port-offset 8000 would listen on {port + 8000}"
    return f"{shown} cannot be listened on: {problem.strerror}"


def _by(port: int) -> str:
    """Who listens on a port, as far as that can be seen."""
    with contextlib.suppress(psutil.Error):
        for one in psutil.net_connections(kind="tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port and one.pid:
                return f" by {psutil.Process(one.pid).name()} (pid {one.pid})"
    return " by another process"
