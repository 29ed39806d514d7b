"""Asking a backend whether it works: by a connection or a request, and who it was that answered."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from typing import NamedTuple

from nginxgen.model.workers import Probe
from nginxgen.supervise.connections import accepted_by
from nginxgen.supervise.times import seconds

TIMEOUT, INTERVAL, RISE, FALL = 2.0, 2.0, 2, 3
HEARD_OUT, MOST = 0.5, 1 << 20
"""Seconds at most that the rest of an answer is waited for, and bytes of it that are read."""
ACCEPTED = 0.2
"""Seconds after which a connection is taken to be with another process that listens on the same socket."""
_ADDRESS = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::(\d+))?")


class Answer(NamedTuple):
    """What came of asking once."""

    is_good: bool
    reason: str


async def ask(address: str, probe: Probe, process: int | None = None, is_alone: bool = False) -> Answer:
    """Ask once. With ``process``, only what that process or one that it started accepts counts.

    A held socket takes connections without anybody behind it, and the process that is to be replaced answers there
    as well; so it is looked up whose the other end of the connection is. Who listens alone has all the time of the
    probe to accept it.
    """
    timeout = seconds(probe.timeout, TIMEOUT)
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await _connect(address)
            if process is not None and not await _accepted_by(process, writer, timeout if is_alone else ACCEPTED):
                return Answer(False, "it did not accept the connection")
            reason = await _request(reader, writer, probe) if probe.path else ""
        if probe.path:
            await _hear_out(reader)
        return Answer(not reason, reason)
    except TimeoutError:
        return Answer(False, f"no answer within {timeout:g} s")
    except OSError as problem:
        # asyncio's own words name the call and the address, which whoever asks knows.
        return Answer(False, os.strerror(problem.errno).lower() if problem.errno else str(problem))
    finally:
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if address.startswith("unix:"):
        return await asyncio.open_unix_connection(address.removeprefix("unix:"))
    found = _ADDRESS.fullmatch(address)
    host, port = (found[1], int(found[2] or 80)) if found else (address, 80)
    return await asyncio.open_connection(host.strip("[]"), port)


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, probe: Probe) -> str:
    """What is wrong with the answer to a request; nothing when it is as expected."""
    head = ("Host: localhost", "User-Agent: nginxgen", "Connection: close")
    writer.write("\r\n".join((f"GET {probe.path} HTTP/1.1", *head, "", "")).encode())
    await writer.drain()
    line = (await reader.readline()).decode("latin-1").split(None, 2)
    if len(line) < 2 or not line[0].startswith("HTTP/") or not line[1].isdigit():
        return "the answer is not HTTP" if line else "the connection was closed"
    status = int(line[1])
    is_good = status == probe.status if probe.status else status < 400
    return "" if is_good else f"it answered {status}"


async def _hear_out(reader: asyncio.StreamReader) -> None:
    """Read the rest of an answer: a connection that is closed before is reset, which backends complain about."""
    read = 0
    with contextlib.suppress(TimeoutError, OSError):
        async with asyncio.timeout(HEARD_OUT):
            while read < MOST and (data := await reader.read(1 << 16)):
                read += len(data)


async def _accepted_by(process: int, writer: asyncio.StreamWriter, limit: float) -> bool:
    """Whether a process, or one that it started, takes a connection soon."""
    here, there = writer.get_extra_info("sockname"), writer.get_extra_info("peername")
    until = time.monotonic() + limit
    while True:
        if accepted_by(process, here, there):
            return True
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.01)
