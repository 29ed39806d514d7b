"""The parts of what proxy_pass and its like are given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from nginxgen.foreign import Configuration, Node

PASSES = ("proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "memcached_pass")
"""Every directive that hands a request of HTTP to a backend."""
_PARTS = re.compile(
    r"(?:(?P<scheme>[^:/]+)://)?(?P<authority>unix:[^:]*:?|(?:(?!\$\{?(?:request_uri|uri|document_uri)\b)[^/?])*)(?P<uri>.*)",
    re.DOTALL,
)


class Url(NamedTuple):
    """A backend's address. ``uri`` is None when nothing stands behind the host, which nginx treats otherwise."""

    text: str
    scheme: str
    authority: str
    """Host and port; ``unix:`` and a path; may hold variables."""
    uri: str | None

    @property
    def has_variables(self) -> bool:
        """Whether nginx puts it together for each request."""
        return "$" in self.text

    @property
    def host(self) -> str:
        """The host without its port."""
        return host_of(self.authority)


def url(text: str) -> Url:
    """The parts of an address."""
    found = _PARTS.fullmatch(text)
    assert found is not None
    return Url(text, found["scheme"] or "", found["authority"], found["uri"] or None)


def host_of(authority: str) -> str:
    """The host of ``host:port``; an IPv6 address keeps its brackets, a socket its path."""
    if authority.startswith("unix:"):
        return authority
    return re.sub(r":[^:\]]*$", "", authority)


def is_address(host: str) -> bool:
    """Whether a host is no name that has to be looked up: an IP address, or a socket."""
    return host.startswith(("unix:", "[")) or re.fullmatch(r"[0-9]+(?:\.[0-9]+){3}", host) is not None


def is_name(host: str) -> bool:
    """Whether a host is a name as the DNS has them; what templates leave to be filled in is none."""
    return not is_address(host) and re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?", host) is not None


def passes(configuration: Configuration, *names: str) -> Iterator[tuple[Node, Url]]:
    """Directives that hand requests of HTTP to a backend, with the address that they name."""
    for name in names or PASSES:
        for node in configuration.named(name):
            if node.args and not node.context.startswith("stream"):
                yield node, url(node.args[0])
