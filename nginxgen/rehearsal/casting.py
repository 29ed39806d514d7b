"""Tests as requests that can be sent: where each goes, as whom, and what is refused before anything runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from nginxgen.diagnostic import Diagnostic, error
from nginxgen.model.server import Listen
from nginxgen.model.test import Asked, Test
from nginxgen.rehearsal.stage import Listener
from nginxgen.rehearsal.stand_ins import MARK
from nginxgen.supervise.times import seconds

Json = dict[str, Any]
_FOR_ALL = {"*": "127.0.0.1", "[::]": "[::1]"}
Chosen = Mapping[int, Test]
"""Tests by their position in the cluster."""


def find_problems(tests: Chosen, listeners: Sequence[Listener]) -> Iterator[Diagnostic]:
    """Tests whose requests reach no listener."""
    for at, test in tests.items():
        if listener_for(test, listeners) is None:
            reachable = _reachable(listeners)
            help = f"there {'is' if len(reachable) == 1 else 'are'} {', '.join(reachable) or 'no listeners at all'}"
            if test.listen:
                yield error("NG071", f"no server listens on {test.listen}", ("test", at, "listen"), help)
            else:
                what = f"{test.asked.scheme} on port {test.asked.port}"
                yield error("NG071", f"no server listens for {what}", ("test", at, "request"), help)


def gather_files(tests: Iterable[Test]) -> tuple[dict[str, str], list[Diagnostic]]:
    """The files that tests name, and those that two of them want otherwise."""
    files: dict[str, str] = {}
    places: dict[str, int] = {}
    found = []
    for at, test in enumerate(tests):
        for name, content in test.files.items():
            if files.setdefault(name, content) != content:
                also = ((("test", places[name], "files", name), "here it is another"),)
                message = f"{name} is one file for all tests, and has two contents"
                found.append(error("NG072", message, ("test", at, "files", name), also=also))
            places.setdefault(name, at)
    return files, found


def _reachable(listeners: Sequence[Listener]) -> list[str]:
    shown = {f"{'https' if one.tls else 'http'} on {one.address}": None for one in listeners}
    return list(shown)[:8]


def listener_for(test: Test, listeners: Sequence[Listener]) -> Listener | None:
    """The listener that a request reaches: the one that is named, or one of the URL's port and scheme.

    Of several, the one of the address in the URL, then one of the server that has the host's name, then one for all
    addresses.
    """
    asked = test.asked
    if test.listen is not None:
        wanted = _socket(test.listen)
        return next((one for one in listeners if _socket(one.address) == wanted), None)
    fitting = [one for one in listeners if _fits(one, asked, test)]
    return min(fitting, key=lambda one: _distance(one, asked), default=None)


def _fits(listener: Listener, asked: Asked, test: Test) -> bool:
    host, _, ports = _socket(listener.address).rpartition(":")
    if listener.address.startswith("unix:") or listener.tls != (asked.scheme == "https"):
        return False
    if test.from_ is not None and not listener.proxy_protocol:
        is_ipv6 = ip_address(test.from_).version == 6
        if is_ipv6 != host.startswith("["):
            return False
    low, _, high = ports.partition("-")
    return int(low) <= asked.port <= int(high or low)


def _distance(listener: Listener, asked: Asked) -> int:
    host = _socket(listener.address).rpartition(":")[0]
    if host == asked.host:
        return 0
    is_named = any(_is_name_of(one, asked.host) for one in listener.names)
    for_all = {"*": 1, "[::]": 2}.get(host, 3)
    return for_all + (0 if is_named else 3)


def _is_name_of(name: str, host: str) -> bool:
    if name.startswith("~"):
        return False
    suffix = name.lstrip("*")
    return name.lower() == host.lower() or (suffix != name and host.lower().endswith(suffix.lower()))


def _socket(address: str) -> str:
    return Listen.trusted({"address": address}).socket


def needs_own_network(test: Test, listener: Listener) -> bool:
    """Whether a client's address can be had only in a network of one's own."""
    if test.from_ is None or listener.proxy_protocol or listener.address.startswith("unix:"):
        return False
    return not ip_address(test.from_).is_loopback


def case_of(test: Test, number: int, listener: Listener) -> Json:
    """A test as the company performs it: a number of its own tells its requests from others."""
    asked = test.asked
    own = test.from_ or f"127.200.{number // 250}.{number % 250 + 1}"
    to = _address(listener, asked.port)
    # Whoever comes through a file or another protocol has no address of that kind.
    is_bound = not to.startswith("unix:") and not listener.proxy_protocol and (":" in own) == to.startswith("[")
    return {
        "to": to,
        "source": own if is_bound else None,
        "tls": _server_name(asked) if listener.tls else None,
        "proxy": _proxy_line(own, asked) if listener.proxy_protocol else None,
        "line": f"{asked.method} {asked.uri}",
        "headers": list(_headers(test, asked, number)),
        "http2": test.http2 or listener.http2_only,
        "body": test.body or "",
        "answers": [_answer(one) for one in test.backend],
        "times": test.times or 1,
        "at_once": test.at_once,
        "cookies": test.cookies,
    }


def _address(listener: Listener, port: int) -> str:
    """Where a client connects to; of a range of ports, to the one that is meant."""
    if listener.place.startswith("unix:"):
        return listener.place
    host, _, ports = listener.place.rpartition(":")
    first = _socket(listener.address).rpartition(":")[2].partition("-")[0]
    here = ports.partition("-")[0]
    moved = int(here) + port - int(first) if "-" in ports else int(here)
    return f"{_FOR_ALL.get(host, host)}:{moved}"


def _server_name(asked: Asked) -> str:
    """What is asked for in TLS: names, never addresses (RFC 6066)."""
    return "" if re.fullmatch(r"[\d.]+|\[.*\]", asked.host) else asked.host


def _proxy_line(client: str, asked: Asked) -> str:
    family, to = ("TCP4", "127.0.0.1") if ip_address(client).version == 4 else ("TCP6", "::1")
    return f"PROXY {family} {client} {to} 50000 {asked.port}\r\n"


def _headers(test: Test, asked: Asked, number: int) -> Iterator[tuple[str, str]]:
    said = {name.lower() for name in test.headers}
    if "host" not in said:
        yield "Host", asked.authority
    yield MARK, str(number)
    yield from test.headers.items()
    length = len((test.body or "").encode())
    if not said & {"content-length", "transfer-encoding"} and (length or asked.method in ("POST", "PUT", "PATCH")):
        yield "Content-Length", str(length)


def _answer(answer: Any) -> Json:
    said = answer.said()
    if "headers" in said:
        said["headers"] = dict(said["headers"])
    if "delay" in said:
        said["delay"] = seconds(said["delay"], 0)
    return dict(said)
