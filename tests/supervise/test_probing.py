"""Probes, and what the backend sees of them."""

from __future__ import annotations

import asyncio

from nginxgen.model.workers import Probe
from nginxgen.supervise.probing import Answer, ask


def test_a_backend_is_heard_out() -> None:
    """A connection closed with an answer unread is reset, of which a backend that keeps connections complains."""
    seen: list[bytes | type[Exception]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\n")
            await writer.drain()
            await asyncio.sleep(0)  # the first line arrives alone
            writer.write(b"Content-Length: 200000\r\n\r\n" + b"x" * 200_000)
            await writer.drain()
            writer.write_eof()
            seen.append(await reader.read())
        except OSError as problem:
            seen.append(type(problem))
        writer.close()

    async def probe() -> Answer:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await ask(f"127.0.0.1:{port}", Probe.trusted({"path": "/health"}))

    assert asyncio.run(probe()) == (True, "")
    asked, rest = seen
    assert isinstance(asked, bytes)
    assert asked.startswith(b"GET /health HTTP/1.1\r\n")
    assert b"Connection: close\r\n" in asked
    assert rest == b"", "the end of the connection, and no reset"
