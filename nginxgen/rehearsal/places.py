"""Who stands where in a rehearsal: listeners, and stand-ins for backends; and what their places stand for.

In a network of its own everything is where the cluster says, as far as that is an address. In the network of all, it is
on loopback addresses that nobody else is likely to use, and ports below 1024 are others.
"""

from __future__ import annotations

import random
import re
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from nginxgen.errors import Unavailable
from nginxgen.model.server import Listen

_FIRST_PORT, _LAST_PORT = 20_000, 32_000
"""Below the ports that the system gives to clients."""
_IN_TURN = 250


class StandIn(NamedTuple):
    """A backend of the cluster, and where its stand-in is."""

    group: str | None
    """The group that it belongs to; None when a location names it itself."""
    address: str
    """Where the cluster has it, with its port."""
    place: str

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"{self.group} {self.address}" if self.group else self.address


class Places:
    """The places of one rehearsal."""

    def __init__(self, folder: Path, own_network: bool, has_ipv6: bool) -> None:
        self.own_network = own_network
        self.has_ipv6 = has_ipv6
        self.stand_ins: dict[tuple[str | None, str], StandIn] = {}
        self.moved_ports: dict[int, int] = {}
        """Ports that are other ones here, and those of the cluster."""
        self._folder = folder
        self._listeners: dict[str, str] = {}
        self._meanings: dict[str, str] = {}
        self._taken: set[str] = set()
        self._count = 0
        self._second, self._third = random.SystemRandom().choices(range(64, 127), k=2)

    def listener(self, address: str) -> str:
        """Where nginx listens for an address of the cluster's."""
        known = Listen.trusted({"address": address}).socket
        if known not in self._listeners:
            self._listeners[known] = self._new_listener(known)
        return self._listeners[known]

    def _new_listener(self, address: str) -> str:
        if address.startswith("unix:"):
            return self._socket_file(address)
        host, _, ports = address.rpartition(":")
        is_ipv6 = host.startswith("[")
        if self.own_network and not (is_ipv6 and not self.has_ipv6) and (host == "*" or _is_address(host)):
            return address
        place = "[::1]" if is_ipv6 and self.has_ipv6 else self._own_address()
        low, _, high = ports.partition("-")
        moved = self._port(place, int(low))
        if not high:
            return f"{place}:{moved}"
        last = moved + int(high) - int(low)
        self.moved_ports |= {moved + at: int(low) + at for at in range(last - moved + 1) if moved != int(low)}
        return f"{place}:{moved}-{last}"

    def stand_in(self, group: str | None, address: str, default_port: int = 80) -> str:
        """Where the stand-in for a backend is; its own place when this very nginx listens there."""
        if address.startswith("unix:"):
            whole = address
        else:
            has_port = re.search(r"(?<!:)(?<=[\w.\]]):\d+$", address)
            whole = address if has_port else f"{address}:{default_port}"
        if (own := self._listener_at(whole)) is not None:
            return own
        if (group, whole) not in self.stand_ins:
            place = self._new_stand_in(whole)
            self._taken.add(place)
            self.stand_ins[group, whole] = StandIn(group, whole, place)
            self._mean(place, whole, None if group else default_port)
        return self.stand_ins[group, whole].place

    def _new_stand_in(self, address: str) -> str:
        if address.startswith("unix:"):
            return self._socket_file(address)
        host, _, port = address.rpartition(":")
        if self.own_network:
            is_here = _is_address(host) and not (host.startswith("[") and not self.has_ipv6)
            # Where nginx listens on a port of all addresses, nobody else can have it on one of them.
            if self._port_of_all("[::]" if host.startswith("[") else "*", int(port)) is not None:
                port = str(_FIRST_PORT + len(self.stand_ins))
            place = f"{host}:{port}"
            return place if is_here and place not in self._taken else f"{self._own_address()}:{port}"
        place = self._own_address()
        return f"{place}:{self._port(place, int(port))}"

    def _listener_at(self, address: str) -> str | None:
        """The place of the listener that an address of a backend belongs to: nginx may be its own backend."""
        if (place := self._listeners.get(address)) is not None:
            return place
        host, _, port = address.rpartition(":")
        here = self._port_of_all("*", int(port)) if host.startswith("127.") else None
        return None if here is None else address if self.own_network else here

    def _port_of_all(self, host: str, port: int) -> str | None:
        """Where nginx listens on a port of all addresses, ``*`` or ``[::]``, if it does."""
        for known, place in self._listeners.items():
            low, _, high = known.removeprefix(f"{host}:").partition("-")
            if known.startswith(f"{host}:") and int(low) <= port <= int(high or low):
                here, _, ports = place.rpartition(":")
                return f"{here}:{int(ports.partition('-')[0]) + port - int(low)}"
        return None

    def _mean(self, place: str, address: str, own_port: int | None) -> None:
        """Remember what a place stands for; a URL leaves the port of its scheme away."""
        if place == address:
            return
        if place.startswith("unix:"):
            self._meanings[place] = address
            return
        host, _, port = address.rpartition(":")
        self._meanings[place] = host if own_port == int(port) else address
        self._meanings[place.rpartition(":")[0]] = host

    def original(self, said: str) -> str:
        """A text that nginx made, in the words of the cluster."""
        if self._meanings:
            words = sorted(map(re.escape, self._meanings), key=len, reverse=True)
            said = re.sub(rf"(?<![\d.])(?:{'|'.join(words)})(?!\d)", lambda found: self._meanings[found[0]], said)
        return said

    def original_url(self, url: str) -> str:
        """A URL that nginx made, with the ports of the cluster."""
        said = self.original(url)
        found = re.match(r"(https?)(://[^/:]+):(\d+)", said)
        if found is None or (port := self.moved_ports.get(int(found[3]))) is None:
            return said
        shown = "" if (found[1], port) in (("http", 80), ("https", 443)) else f":{port}"
        return found[1] + found[2] + shown + said[found.end() :]

    def _socket_file(self, address: str) -> str:
        self._count += 1
        place = f"unix:{self._folder}/s{self._count}"
        self._mean(place, address, None)
        return place

    def _own_address(self) -> str:
        """An address that nobody else has: of those for benchmarks (RFC 2544), or of the loopback network."""
        self._count += 1
        high, low = divmod(self._count, _IN_TURN)
        if self.own_network:
            return f"198.18.{high}.{low + 1}"
        return f"127.{self._second}.{(self._third + high) % 256}.{low + 1}"

    def _port(self, host: str, port: int) -> int:
        """The port itself where it can be listened on without rights, and another one where not."""
        if port >= 1024 and _is_free(host, port):
            return port
        for _ in range(100):
            other = random.SystemRandom().randrange(_FIRST_PORT, _LAST_PORT)
            if other not in self.moved_ports and _is_free(host, other):
                self.moved_ports[other] = port
                return other
        raise Unavailable(f"no port is free on {host}")


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if host.startswith("[") else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError:
            return False
    return True
