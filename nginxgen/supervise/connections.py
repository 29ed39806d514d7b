"""Whose the other end of a TCP connection is, asked of Linux itself (sock_diag(7)).

Reading /proc/net/tcp would tell it too, in 100 ms and more on a machine with thousands of connections.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct

import psutil

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST = 1
_ALL_STATES = 0xFFFFFFFF
_NO_COOKIE = 0xFFFFFFFF
_HEADER = struct.Struct("=IHHII")
_QUESTION = struct.Struct("=BBBBI")
_PORTS = struct.Struct("!HH")
_INODE_AT = _HEADER.size + 4 + 48 + 16
"""Where the answer has the inode: behind its header, the socket's state and addresses, and four numbers."""


def accepted_by(process: int, here: tuple[str, int], there: tuple[str, int]) -> bool:
    """Whether a process, or one that it started, has accepted an IPv4 connection.

    Args:
        process: the first of the processes.
        here: the connection's end at the one who asks.
        there: its other end.
    """
    inode = _inode(there, here)
    return bool(inode) and any(_has_socket(pid, inode) for pid in _family(process))


def _inode(local: tuple[str, int], remote: tuple[str, int]) -> int:
    """The number of the socket that has these ends; 0 when nobody has accepted it yet."""
    ends = _PORTS.pack(local[1], remote[1]) + _address(local[0]) + _address(remote[0])
    question = _QUESTION.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 0, _ALL_STATES) + ends
    question += struct.pack("=III", 0, _NO_COOKIE, _NO_COOKIE)
    message = _HEADER.pack(_HEADER.size + len(question), _SOCK_DIAG_BY_FAMILY, _REQUEST, 1, 0) + question
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as asking:
        asking.settimeout(1)
        asking.sendto(message, (0, 0))
        answer = asking.recv(4096)
    _, kind, *_ = _HEADER.unpack_from(answer)
    return struct.unpack_from("=I", answer, _INODE_AT)[0] if kind == _SOCK_DIAG_BY_FAMILY else 0


def _address(host: str) -> bytes:
    return socket.inet_aton(host) + bytes(12)


def _family(process: int) -> list[int]:
    try:
        return [process, *(one.pid for one in psutil.Process(process).children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def _has_socket(pid: int, inode: int) -> bool:
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/fd/{name}") == f"socket:[{inode}]":
                    return True
    return False
