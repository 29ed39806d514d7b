"""Backends that speak FastCGI and uwsgi, and keep what they are told, byte for byte."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
KEEP_CONNECTION = 1


@dataclass
class Told:
    """The parameters of one request, in their order, and what came with it."""

    params: list[tuple[str, str]]
    body: bytes
    connection: int

    def get(self, name: str) -> list[str]:
        """Every value of a parameter."""
        return [value for key, value in self.params if key == name]

    def with_port(self, port: int) -> Told:
        """The same with PORT where a port stands."""
        params = [(name, value.replace(str(port), "PORT")) for name, value in self.params]
        return Told(params, self.body, self.connection)


@dataclass
class Gateway:
    """A backend, and the requests it got."""

    port: int
    requests: list[Told] = field(default_factory=list)
    connections: int = 0


@contextlib.contextmanager
def fastcgi_backend() -> Iterator[Gateway]:
    """A FastCGI responder on a free port that answers every request with ok."""

    def answer(stream: socketserver.StreamRequestHandler, gateway: Gateway, number: int) -> None:
        while True:
            params, body, flags, ended = b"", b"", 0, False
            while not ended:
                head = stream.rfile.read(8)
                if len(head) < 8:
                    return
                _, kind, request, length, padding = struct.unpack(">BBHHBx", head)
                content = stream.rfile.read(length)
                stream.rfile.read(padding)
                if kind == BEGIN:
                    flags = content[2]
                elif kind == PARAMS:
                    params += content
                elif kind == STDIN:
                    body += content
                    ended = not content
            gateway.requests.append(Told(_fastcgi_pairs(params), body, number))
            answer = b"Status: 200\r\nContent-Type: text/plain\r\n\r\nok"
            stream.wfile.write(_record(STDOUT, request, answer) + _record(STDOUT, request, b""))
            stream.wfile.write(_record(END, request, bytes(8)))
            if not flags & KEEP_CONNECTION:
                return

    with _listening(answer) as gateway:
        yield gateway


@contextlib.contextmanager
def uwsgi_backend() -> Iterator[Gateway]:
    """A uwsgi backend on a free port that answers every request with ok."""

    def answer(stream: socketserver.StreamRequestHandler, gateway: Gateway, number: int) -> None:
        _, length, _ = struct.unpack("<BHB", stream.rfile.read(4))
        told = Told(_uwsgi_pairs(stream.rfile.read(length)), b"", number)
        told.body = stream.rfile.read(int(told.get("CONTENT_LENGTH")[0] or 0))
        gateway.requests.append(told)
        stream.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok")

    with _listening(answer) as gateway:
        yield gateway


@contextlib.contextmanager
def _listening(answer: object) -> Iterator[Gateway]:
    opened: list[socket.socket] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            number, gateway.connections = gateway.connections, gateway.connections + 1
            opened.append(self.connection)
            with contextlib.suppress(ConnectionError):
                answer(self, gateway, number)  # type: ignore[operator]

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        gateway = Gateway(server.server_address[1])
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        serving.start()
        try:
            yield gateway
        finally:
            for one in opened:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            server.shutdown()
            serving.join()


def _record(kind: int, request: int, content: bytes) -> bytes:
    return struct.pack(">BBHHBx", 1, kind, request, len(content), 0) + content


def _fastcgi_pairs(data: bytes) -> list[tuple[str, str]]:
    pairs, at = [], 0

    def length() -> int:
        nonlocal at
        if data[at] < 0x80:
            at += 1
            return data[at - 1]
        at += 4
        return int.from_bytes(data[at - 4 : at]) & 0x7FFFFFFF

    while at < len(data):
        name, value = length(), length()
        pairs.append((data[at : at + name].decode("latin-1"), data[at + name : at + name + value].decode("latin-1")))
        at += name + value
    return pairs


def _uwsgi_pairs(data: bytes) -> list[tuple[str, str]]:
    texts, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "little")
        texts.append(data[at + 2 : at + 2 + length].decode("latin-1"))
        at += 2 + length
    return list(zip(texts[::2], texts[1::2], strict=True))
