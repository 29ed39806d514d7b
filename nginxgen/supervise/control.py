"""How commands talk to a running ``nginxgen up``: one JSON object each way, over a socket in its folder.

Knows who may ask and how; nothing of what is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from nginxgen.errors import NginxgenError, OutputBug, Unavailable

LONGEST_REQUEST = 64 << 10
LONGEST_ANSWER = 64 << 20
MOST_CLIENTS = 32
PATIENCE = 5.0
"""How many seconds a client has to send its request, and again to take the answer."""

Answer = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
_CREDENTIALS = struct.Struct("3i")


class ControlServer:
    """Answers commands of the user that runs it, and of root.

    Args:
        path: of the socket; whatever is there gives way.
        answer: what makes an answer of a command and its parameters; what it raises becomes a refusal.
    """

    def __init__(self, path: Path, answer: Answer) -> None:
        self.path = path
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Listen.

        Raises:
            Unavailable: when that is not possible.
        """
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.unlink(missing_ok=True)
            found.bind(str(self.path))
            os.chmod(self.path, 0o600)  # before anybody can connect, since nobody listens yet
            self._server = await asyncio.start_unix_server(self._serve, sock=found, limit=LONGEST_REQUEST)
        except OSError as problem:
            found.close()
            raise Unavailable(f"{self.path} cannot be made: {problem.strerror or problem}") from None

    async def close(self, limit: float = 1.0) -> None:
        """Listen no more; answers that are on their way have some seconds."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        self.path.unlink(missing_ok=True)
        if waiting := self._clients - {asyncio.current_task()}:
            await asyncio.wait(waiting, timeout=limit)
            for one in waiting:
                one.cancel()
            await asyncio.wait(waiting, timeout=limit)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._clients.add(task)
        writer.transport.set_write_buffer_limits(high=0)  # so that drain waits for all of it
        try:
            said = await self._said(reader, writer)
            if said is not None:
                writer.write(_encoded(said) + b"\n")
                await asyncio.wait_for(writer.drain(), PATIENCE)
            writer.close()
        except (OSError, TimeoutError):
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._clients.discard(task)

    async def _said(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> dict[str, Any] | None:
        """The answer to whoever has connected; None when nothing is asked."""
        if _peer(writer.get_extra_info("socket"))[1] not in {os.geteuid(), 0}:
            return _refusal("only the user that runs nginxgen up may ask it, and root")
        if len(self._clients) > MOST_CLIENTS:
            return _refusal("too many ask at once", Unavailable.exit_code)
        try:
            line = await asyncio.wait_for(reader.readline(), PATIENCE)
        except TimeoutError:
            return _refusal(f"the request was not whole within {PATIENCE:.0f} s")
        except ValueError:
            return _refusal(f"a request has at most {LONGEST_REQUEST} bytes")
        if not line:
            return None
        try:
            parameters = json.loads(line)
            command = parameters.pop("command")
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            return _refusal('a request is a JSON object with a "command"')
        if not isinstance(command, str):
            return _refusal('a request is a JSON object whose "command" is a string')
        return await self._answered(command, parameters)

    async def _answered(self, command: str, parameters: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = {"ok": True, **await self._answer(command, parameters)}
            _encoded(answer)
        except NginxgenError as problem:
            return _refusal(str(problem), problem.exit_code)
        except Exception as problem:
            return _refusal(
                f"nginxgen up failed, which is a bug: {type(problem).__name__}: {problem}", OutputBug.exit_code
            )
        return answer


def _peer(connection: socket.socket) -> tuple[int, int]:
    """The process and the user at the other end."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, _ = _CREDENTIALS.unpack(found)
    return process, user


def _refusal(message: str, code: int = NginxgenError.exit_code) -> dict[str, Any]:
    return {"ok": False, "error": message, "code": code}


def _encoded(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer).encode("ascii")


def ask(path: Path, command: str, timeout: float = 60, *, of: str | None = None, **parameters: Any) -> dict[str, Any]:
    """Ask a running ``nginxgen up``.

    Args:
        path: of its socket.
        command: what it shall do.
        timeout: how many seconds it has for that.
        of: whose ``up`` it is, for messages; else the folder of the socket.
        parameters: how it shall be done.

    Returns:
        The answer; ``ok`` says whether it was done, and ``error`` why not.

    Raises:
        Unavailable: when nobody listens, or no answer comes.
    """
    whose = of or str(path.parent)
    end = time.monotonic() + timeout
    request = json.dumps({**parameters, "command": command}).encode("ascii") + b"\n"
    with _connected(path, timeout, whose) as connection:
        with contextlib.suppress(ConnectionError):  # refused before it was read; the answer says why
            connection.sendall(request)
        data = _received(connection, end)
    try:
        answer: dict[str, Any] = json.loads(data)
        answer["ok"]
    except (ValueError, KeyError, TypeError):
        raise Unavailable(f"the nginxgen up of {whose} ended before it had answered") from None
    return answer


def ask_to_end(path: Path, timeout: float, *, of: str | None = None) -> dict[str, Any]:
    """Tell a running ``nginxgen up`` to stop, and wait until its process has ended, unless it refuses.

    Raises:
        Unavailable: when nobody listens, or it still runs after that time.
    """
    whose = of or str(path.parent)
    with _connected(path, timeout, whose) as connection:
        process = os.pidfd_open(_peer(connection)[0])
    try:
        answer = ask(path, "stop", timeout, of=of)
        waiting = select.poll()
        waiting.register(process, select.POLLIN)
        if answer["ok"] and not waiting.poll(timeout * 1000):
            raise Unavailable(f"the nginxgen up of {whose} was told to stop, and still runs after {timeout:g} s")
    finally:
        os.close(process)
    return answer


@contextlib.contextmanager
def _connected(path: Path, timeout: float, whose: str) -> Iterator[socket.socket]:
    """A connection to a running ``up``, and what its failures mean."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(str(path))
            yield connection
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError, ProcessLookupError):
        raise Unavailable(f"nginxgen up does not run for {whose}") from None
    except PermissionError:
        raise Unavailable(f"the nginxgen up of {whose} belongs to another user") from None
    except TimeoutError:
        raise Unavailable(f"the nginxgen up of {whose} has not answered within {timeout:g} s") from None
    except OSError as problem:
        raise Unavailable(f"the nginxgen up of {whose} cannot be asked: {problem.strerror or problem}") from None


def _received(connection: socket.socket, end: float) -> bytes:
    """All that comes until the other end closes."""
    data = bytearray()
    while len(data) <= LONGEST_ANSWER:
        connection.settimeout(max(end - time.monotonic(), 0.001))
        try:
            part = connection.recv(1 << 16)
        except ConnectionResetError:  # closed with something of ours unread, as a request that was too long
            break
        if not part:
            break
        data += part
    return bytes(data)
