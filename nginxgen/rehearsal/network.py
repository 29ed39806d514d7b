"""A network of this process's own, in which every address is one of this machine.

Made of a user namespace and a network namespace (user_namespaces(7), network_namespaces(7)), which need no rights where
the kernel lets everybody have them. Uses the standard library alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
from pathlib import Path

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_REQUEST, _ACKNOWLEDGE, _CREATE = 0x1, 0x4, 0x400
_SET_LINK, _NEW_ROUTE = 16, 24
_UP = 1
_TABLE_LOCAL, _OF_BOOT, _SCOPE_HOST, _LOCAL = 255, 3, 254, 2
_OUT_INTERFACE = 4


class Stuck(Exception):
    """A process in a network of its own that cannot be used: there is no way back from it."""


def enter() -> str | None:
    """Move this process, which must have one thread, into a network of its own; why not, where that is not allowed.

    Raises:
        Stuck: when the kernel lets it in and then allows nothing there, as AppArmor has it on Ubuntu since 24.04.
    """
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_USER | _NEW_NETWORK) != 0:
        return os.strerror(ctypes.get_errno())
    try:
        # A process may map its own group only when it gives up setgroups; user_namespaces(7).
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
        Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
        _route_everything_here()
    except OSError as problem:
        raise Stuck(problem.strerror or str(problem)) from None
    return None


def has_ipv6() -> bool:
    """Whether a socket can listen on an IPv6 address."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
        probe.bind(("::1", 0))
        return True
    return False


def _route_everything_here() -> None:
    """The loopback interface goes up, and takes every address: ``ip route add local 0.0.0.0/0 dev lo``."""
    loopback = socket.if_nametoindex("lo")
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as link:
        _ask(link, _SET_LINK, 0, struct.pack("=BxHiII", socket.AF_UNSPEC, 0, loopback, _UP, _UP))
        for family in (socket.AF_INET, socket.AF_INET6):
            route = struct.pack("=8BI", family, 0, 0, 0, _TABLE_LOCAL, _OF_BOOT, _SCOPE_HOST, _LOCAL, 0)
            out = struct.pack("=HHI", 8, _OUT_INTERFACE, loopback)
            with contextlib.suppress(OSError) if family == socket.AF_INET6 else contextlib.nullcontext():
                _ask(link, _NEW_ROUTE, _CREATE, route + out)
    with contextlib.suppress(OSError):  # without it, only IPv6 addresses of an interface can be bound
        Path("/proc/sys/net/ipv6/ip_nonlocal_bind").write_text("1")


def _ask(link: socket.socket, kind: int, flags: int, body: bytes) -> None:
    """Send the kernel a request (rtnetlink(7)) and wait for its word."""
    link.send(struct.pack("=IHHII", 16 + len(body), kind, _REQUEST | _ACKNOWLEDGE | flags, 1, 0) + body)
    (said,) = struct.unpack_from("=i", link.recv(4096), 16)
    if said:
        raise OSError(-said, os.strerror(-said))
