"""As much of WebSockets (RFC 6455) as a test needs: the handshake, and text messages of less than 126 bytes."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Awaitable, Callable

from support.running import Client

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT = 0x81
_MASKED = 0x80


def accepting(key: bytes) -> bytes:
    """The answer that makes a WebSocket of a connection."""
    accepted = base64.b64encode(hashlib.sha1(key + _GUID).digest())
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return head + b"Sec-WebSocket-Accept: " + accepted + b"\r\n\r\n"


def _asking() -> dict[str, str]:
    """The headers that ask for a WebSocket."""
    key = base64.b64encode(os.urandom(16)).decode()
    return {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13"}


def frame(data: bytes, mask: bytes = b"") -> bytes:
    """A message; those of clients are masked."""
    assert len(data) < 126
    head = bytes([_TEXT, len(data) | (_MASKED if mask else 0)])
    return head + mask + (_turned(data, mask) if mask else data)


async def message(read: Callable[[int], Awaitable[bytes]]) -> bytes:
    """The next message of a client; empty when it says that it ends."""
    kind, length = await read(2)
    mask = await read(4)
    data = _turned(await read(length & ~_MASKED), mask)
    return data if kind == _TEXT else b""


def _turned(data: bytes, mask: bytes) -> bytes:
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


class WebSocket:
    """A WebSocket of a client, to a backend that sends every message back with its pid before it."""

    def __init__(self, port: int) -> None:
        self.client = Client(port)
        answer = self.client.get(headers=_asking())
        assert answer.status == 101, answer

    def __enter__(self) -> WebSocket:
        return self

    def __exit__(self, *error: object) -> None:
        self.client.__exit__()

    def say(self, text: str) -> int:
        """Send a message, and have it back: the pid of who sends it.

        Raises:
            ConnectionError: when the WebSocket was closed.
        """
        self.client.socket.sendall(frame(text.encode(), os.urandom(4)))
        head = self.client.stream.read(2)
        if len(head) < 2:
            raise ConnectionResetError("the WebSocket was closed")
        pid, _, back = self.client.stream.read(head[1]).decode().partition(" ")
        assert back == text
        return int(pid)
