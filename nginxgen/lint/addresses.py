"""Addresses as nginx reads them: what is wrong with one that it refuses.

From ngx_parse_inet_url, ngx_parse_inet6_url and ngx_ptocidr (src/core/ngx_inet.c).
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

_FOUR_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+){3}")


def fault_of_address(text: str, with_range: bool = False) -> str | None:
    """Why ``host:port``, ``[IPv6]:port`` or ``unix:/path`` is none; None when it is one.

    Args:
        text: the address.
        with_range: whether ``8000-8010`` may stand for ports, as in ``listen``.
    """
    if text.startswith("unix:"):
        return "there is no path behind unix:" if text == "unix:" else None
    if "://" in text:
        return "an address has no scheme"
    if "/" in text:
        return "an address has no path"
    host, port = _host_and_port(text)
    if host is None:
        return "an IPv6 address stands in brackets: [::1]:80"
    if not host:
        return "there is no host before the port"
    if _FOUR_NUMBERS.fullmatch(host) and not _is_ip(host):
        return f"{host} is no IPv4 address"
    return None if port is None else _fault_of_port(port, with_range)


def _host_and_port(text: str) -> tuple[str | None, str | None]:
    if text.startswith("["):
        found = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", text)
        return (None, None) if found is None or not _is_ip(found[1]) else (found[1], found[2])
    host, colon, port = text.partition(":")
    return host, port if colon else None


def _fault_of_port(port: str, with_range: bool) -> str | None:
    found = re.fullmatch("([0-9]+)(?:-([0-9]+))?", port)
    if found is None or (found[2] and not with_range):
        return f"{port or 'nothing'} is no port"
    if found[2] and int(found[2]) < int(found[1]):
        return f"the ports {port} end before they begin"
    return None  # a port that no machine has is told of by another rule


def fault_of_network(text: str) -> str | None:
    """Why ``10.0.0.0/8`` or an address is no network; None when it is one."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return "it is no address, and no network such as 10.0.0.0/8"
    return None


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
