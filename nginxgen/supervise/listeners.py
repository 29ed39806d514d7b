"""The sockets on which nginx listens, held by the supervisor: one nginx can follow another and nobody is refused."""

from __future__ import annotations

import contextlib
import errno
import re
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

from nginxgen.errors import Unavailable
from nginxgen.model.cluster import Cluster
from nginxgen.model.server import Listen

BACKLOG = 4096
_PORT = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[0-9.]+|\*):(?P<port>\d+)")
_NAMED = re.compile(r"(?P<host>[\w.-]+):(?P<port>\d+)")


Address = tuple[str, int]
"""A host's number and a port, or ``unix:/path`` and 0."""


class Taken(Unavailable):
    """An address that cannot be listened on, and why."""

    def __init__(self, address: Address, why: str) -> None:
        self.address = address
        super().__init__(why)


def held_addresses(explicit: Cluster) -> list[Address]:
    """The addresses of a cluster's sockets that can be held: one socket for all workers each.

    Nginx has one socket for a port of all addresses and none for the single ones beside it.
    """
    found: set[Address] = set()
    for server in explicit.server:
        for listen in server.listen or (Listen.trusted({"address": "80"}),):
            if not (listen.quic or listen.reuseport or listen.multipath):
                found.update(addresses_of(listen.socket))
    wild = {(host, port) for host, port in found if host in ("0.0.0.0", "::")}
    return sorted(one for one in found if one in wild or (_all_of(one[0]), one[1]) not in wild)


def addresses_of(said: str) -> Iterator[Address]:
    """What a listener's address means; a host's name is every address that it has, as for nginx."""
    if said.startswith("unix:/"):
        yield said, 0
    elif match := _PORT.fullmatch(said):
        yield {"*": "0.0.0.0"}.get(match["host"], match["host"].strip("[]")), int(match["port"])
    elif match := _NAMED.fullmatch(said):
        # The flags of ngx_inet_resolve_host (src/core/ngx_inet.c). What cannot be resolved is for nginx to refuse.
        with contextlib.suppress(OSError):
            for _, _, _, _, address in socket.getaddrinfo(
                match["host"], int(match["port"]), type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
            ):
                yield str(address[0]), int(address[1])


def _all_of(host: str) -> str:
    return "::" if ":" in host else "0.0.0.0"


class Listeners:
    """Sockets by their addresses."""

    def __init__(self) -> None:
        self._held: dict[Address, socket.socket] = {}

    def missing(self, wanted: Iterable[Address]) -> list[Address]:
        """The addresses that are not held yet."""
        return [one for one in wanted if one not in self._held]

    def hold(self, wanted: Iterable[Address]) -> None:
        """Listen on what is not held yet, or on none of it.

        Raises:
            Unavailable: with who is there already, or which right is lacking.
        """
        made: dict[Address, socket.socket] = {}
        try:
            for address in self.missing(wanted):
                made[address] = _listening(*address)
        except Unavailable:
            for one in made.values():
                one.close()
            raise
        self._held |= made

    def release(self, wanted: Iterable[Address]) -> None:
        """Close every socket that is not wanted."""
        kept = set(wanted)
        for address in [one for one in self._held if one not in kept]:
            self._held.pop(address).close()
            if (file := socket_file(address)) is not None:
                file.unlink(missing_ok=True)

    def numbers(self, wanted: Iterable[Address]) -> list[int]:
        """The file descriptors of some addresses."""
        return [self._held[one].fileno() for one in wanted]


def socket_file(address: Address) -> Path | None:
    """The file of a socket that has one."""
    host, _ = address
    return Path(host.removeprefix("unix:")) if host.startswith("unix:") else None


def _listening(host: str, port: int) -> socket.socket:
    if (file := socket_file((host, port))) is not None:
        return _listening_at(file)
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
        raise Taken((host, port), _why(problem, shown, port)) from None
    return made


def _listening_at(file: Path) -> socket.socket:
    """Listen on a file; one that somebody has left there who was killed gives way."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if file.is_socket() and not _is_answered(file):
            file.unlink()
        made.bind(str(file))
        file.chmod(0o666)  # as nginx does
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError as problem:
        made.close()
        reason = (
            "is taken by another process" if problem.errno == errno.EADDRINUSE else f"cannot be: {problem.strerror}"
        )
        raise Taken((f"unix:{file}", 0), f"unix:{file} {reason}") from None
    return made


def _is_answered(file: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(file))
        except BlockingIOError:
            return True  # it has no room for another one
        except OSError:
            return False
    return True


def _why(problem: OSError, shown: str, port: int) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"{shown} is taken{taken_by(port)}; end that, or move all ports with --port-offset"
    if problem.errno == errno.EACCES:
        return f"{shown} needs rights that you do not have; --port-offset 8000 would listen on {port + 8000}"
    return f"{shown} cannot be listened on: {problem.strerror}"


def taken_by(port: int) -> str:
    """Who listens on a port, as far as that can be seen."""
    with contextlib.suppress(psutil.Error):
        for one in psutil.net_connections(kind="tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port and one.pid:
                return f" by {psutil.Process(one.pid).name()} (pid {one.pid})"
    return " by another process"
