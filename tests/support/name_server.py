"""A name server on the loopback address, which knows every name by the address that is set, as Docker's does."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

A = 1


class NameServer:
    """Answers over UDP (RFC 1035, section 4); names that are asked for are kept."""

    def __init__(self, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self.address = "127.0.0.1"
        self.asked: set[str] = set()
        self._listener = listener

    def serve(self) -> None:
        """Answer until the socket is shut."""
        with contextlib.suppress(OSError):
            while True:
                data, client = self._listener.recvfrom(512)
                if not data:
                    return
                self._listener.sendto(self._answer(data), client)

    def _answer(self, query: bytes) -> bytes:
        at, labels = 12, []
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length].decode())
            at += 1 + length
        self.asked.add(".".join(labels))
        question = query[12 : at + 5]
        is_found = int.from_bytes(query[at + 1 : at + 3], "big") == A
        head = query[:2] + b"\x81\x80" + b"\0\1" + (b"\0\1" if is_found else b"\0\0") + b"\0\0\0\0"
        record = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(self.address)
        return head + question + (record if is_found else b"")


@contextlib.contextmanager
def name_server() -> Iterator[NameServer]:
    """A name server that answers; it ends with the block."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        server = NameServer(listener)
        serving = threading.Thread(target=server.serve, daemon=True)
        serving.start()
        try:
            yield server
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"", ("127.0.0.1", server.port))
            serving.join(5)
