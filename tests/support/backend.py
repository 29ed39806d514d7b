"""A backend with good manners, for tests of the supervisor: ``python backend.py [fd N | port N | socket PATH]``.

Without words it takes the socket of systemd's protocol. On SIGTERM it accepts nothing any more, answers what it is
asked with ``Connection: close``, and goes when nobody has a connection to it, or after LINGER seconds.

It answers with a line of its pid, the length of what it was sent and ``$WORD``, and behind that with what it was sent,
or what ``/bytes/SIZE/NUMBER`` asks for; ``/exit`` ends it. A WebSocket gets its messages back.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import signal
import socket
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.websocket import accepting, frame, message

LINGER = float(os.environ.get("LINGER", "1"))


def listening(words: list[str]) -> socket.socket:
    """The socket to listen on."""
    match words:
        case ["port", number]:
            made = socket.socket()
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(("127.0.0.1", int(number)))
        case ["socket", path]:
            made = socket.socket(socket.AF_UNIX)
            made.bind(path)
        case ["fd", number]:
            return socket.socket(fileno=int(number))
        case _:
            assert (os.environ["LISTEN_FDS"], os.environ["LISTEN_PID"]) == ("1", str(os.getpid()))
            return socket.socket(fileno=3)
    made.listen(1024)
    return made


def payload(size: int, number: int) -> bytes:
    """So many bytes, others for each number."""
    return hashlib.shake_128(str(number).encode()).digest(size)


class Backend:
    """Answers with its pid, and with what it was sent or asked for."""

    def __init__(self) -> None:
        self.ending = asyncio.Event()
        self.idle = asyncio.Event()
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.idle.clear()
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                fields = {
                    line.partition(b":")[0].lower(): line.partition(b":")[2].strip() for line in head.split(b"\r\n")
                }
                if head.startswith(b"GET /exit "):
                    os._exit(1)
                if b"sec-websocket-key" in fields:
                    await self.echo(reader, writer, fields[b"sec-websocket-key"])
                    return
                body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
                text = f"{os.getpid()} {len(body)} {os.environ.get('WORD', '')}\n".encode() + body
                if wanted := re.search(rb" /bytes/(\d+)/(\d+) ", head):
                    text += payload(int(wanted[1]), int(wanted[2]))
                close = b"Connection: close\r\n" if self.ending.is_set() else b""
                writer.write(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (close, len(text), text))
                await writer.drain()
                if close:
                    return
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            writer.close()
            self.connections -= 1
            if not self.connections:
                self.idle.set()

    async def echo(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: bytes) -> None:
        """Send the messages of a WebSocket back, each with the pid before it."""
        writer.write(accepting(key))
        while data := await message(reader.readexactly):
            writer.write(frame(f"{os.getpid()} ".encode() + data))
            await writer.drain()

    async def run(self, words: list[str]) -> None:
        server = await asyncio.start_server(self.serve, sock=listening(words))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.ending.set)
        await self.ending.wait()
        server.close()
        try:
            await asyncio.wait_for(self.idle.wait(), LINGER)
        except TimeoutError:
            return


if __name__ == "__main__":
    asyncio.run(Backend().run(sys.argv[1:]))
