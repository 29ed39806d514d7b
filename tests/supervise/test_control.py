"""Who may ask a running supervisor, and that nothing that is sent to it stops it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from nginxgen.errors import NginxgenError, Unavailable
from nginxgen.supervise import control
from nginxgen.supervise.control import ControlServer, ask, ask_to_end
from support.running import DEADLINE

CASES: dict[str, Exception] = {
    "refuse": NginxgenError("no such group"),
    "unavailable": Unavailable("no nginx"),
    "fail": KeyError("x"),
}


async def answer(command: str, parameters: dict[str, Any]) -> dict[str, Any]:
    if command in CASES:
        raise CASES[command]
    if command == "unspeakable":
        return {"value": object()}
    if command == "large":
        return {"text": "x" * parameters["size"]}
    if command == "never":
        await asyncio.Event().wait()
    return {"command": command, "parameters": parameters}


def served(folder: Path, client: Callable[[Path], Any]) -> Any:
    """What a client returns that runs in a thread while the server answers."""

    async def serve() -> Any:
        path = folder / "run" / "control.sock"
        server = ControlServer(path, answer)
        await server.start()
        try:
            async with asyncio.timeout(DEADLINE):
                return await asyncio.to_thread(client, path)
        finally:
            await server.close()
            assert not path.exists()
            assert not server._clients

    return asyncio.run(serve())


def raw(path: Path, request: bytes, ends: bool = True) -> dict[str, Any]:
    """The answer to some bytes."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(DEADLINE)
        connection.connect(str(path))
        try:
            connection.sendall(request)
            if ends:
                connection.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
        data = b""
        try:
            while part := connection.recv(65536):
                data += part
        except ConnectionResetError:
            pass
    assert data.endswith(b"\n")
    found: dict[str, Any] = json.loads(data)
    return found


def test_a_command_and_its_parameters(tmp_path: Path) -> None:
    found = served(tmp_path, lambda path: ask(path, "scale", group="ä", count=3))
    assert found == {"ok": True, "command": "scale", "parameters": {"group": "ä", "count": 3}}


@pytest.mark.parametrize(
    ("command", "code", "error"),
    [
        ("refuse", 1, "no such group"),
        ("unavailable", 4, "no nginx"),
        ("fail", 3, "nginxgen up failed, which is a bug: KeyError: 'x'"),
        ("unspeakable", 3, "nginxgen up failed, which is a bug: TypeError:"),
    ],
)
def test_what_is_raised_is_a_refusal(tmp_path: Path, command: str, code: int, error: str) -> None:
    found = served(tmp_path, lambda path: ask(path, command))
    assert (found["ok"], found["code"]) == (False, code)
    assert found["error"].startswith(error)


@pytest.mark.parametrize(
    "request_",
    [
        b"\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xfe\n",
        b"[]\n",
        b"{}\n",
        b'"command"\n',
        b'{"command": 1}\n',
        b'{"command": "a"',
        b"[" * 50_000 + b"\n",
        b"x" * 1_000_000 + b"\n",
    ],
    ids=lambda data: repr(data[:20]),
)
def test_garbage_is_refused_and_the_next_one_answered(tmp_path: Path, request_: bytes) -> None:
    def client(path: Path) -> None:
        found = raw(path, request_)
        assert (found["ok"], found["code"]) == (False, 1)
        assert ask(path, "next")["ok"]

    served(tmp_path, client)


def test_who_connects_and_says_nothing_gets_nothing(tmp_path: Path) -> None:
    def client(path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(DEADLINE)
            assert connection.recv(10) == b""

    served(tmp_path, client)


def test_a_large_answer(tmp_path: Path) -> None:
    assert len(served(tmp_path, lambda path: ask(path, "large", size=5_000_000))["text"]) == 5_000_000


def test_slow_clients_keep_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "PATIENCE", 0.3)

    def client(path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as mute, socket.socket(socket.AF_UNIX) as deaf:
            for one in (mute, deaf):
                one.settimeout(DEADLINE)
                one.connect(str(path))
            deaf.sendall(b'{"command": "large", "size": 5000000}\n')
            mute.sendall(b'{"comm')
            assert ask(path, "next")["ok"]
            assert json.loads(mute.recv(65536))["error"] == "the request was not whole within 0 s"

    served(tmp_path, client)


def test_too_many_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "MOST_CLIENTS", 1)

    def client(path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as first:
            first.connect(str(path))
            assert raw(path, b"")["error"] == "too many ask at once"

    served(tmp_path, client)


def test_a_strangers_command_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_peer", lambda connection: (1, os.geteuid() + 1))
    found = served(tmp_path, lambda path: ask(path, "status"))
    assert (found["ok"], found["error"]) == (False, "only the user that runs nginxgen up may ask it, and root")


def test_only_the_owner_may_connect(tmp_path: Path) -> None:
    def client(path: Path) -> list[int]:
        return [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)]

    assert served(tmp_path, client) == [0o600, 0o700]


def test_an_answer_that_never_comes(tmp_path: Path) -> None:
    def client(path: Path) -> None:
        with pytest.raises(Unavailable, match=r"the nginxgen up of it has not answered within 0.1 s"):
            ask(path, "never", 0.1, of="it")

    served(tmp_path, client)


def test_nobody_runs(tmp_path: Path) -> None:
    stale = tmp_path / "stale.sock"
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(stale))
    for path in (stale, tmp_path / "control.sock", tmp_path / "no" / "control.sock"):
        with pytest.raises(Unavailable, match=r"^nginxgen up does not run for shop\.toml$"):
            ask(path, "status", of="shop.toml")
        with pytest.raises(Unavailable, match=r"^nginxgen up does not run for /"):
            ask_to_end(path, 1)


def test_a_stale_socket_gives_way(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(tmp_path / "run" / "control.sock"))
    assert served(tmp_path, lambda path: ask(path, "status"))["ok"]


def test_a_server_that_ends_amid_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b'{"ok": tr')

        serving = threading.Thread(target=serve)
        serving.start()
        with pytest.raises(Unavailable, match="ended before it had answered"):
            ask(path, "status", DEADLINE)
        serving.join(DEADLINE)


@pytest.mark.parametrize("length", [120, 300])
def test_a_path_that_is_too_long(tmp_path: Path, length: int) -> None:
    path = tmp_path / ("x" * length) / "control.sock"

    async def start() -> None:
        await ControlServer(path, answer).start()

    with pytest.raises(Unavailable, match="cannot be made"):
        asyncio.run(start())
    with pytest.raises(Unavailable, match="cannot be asked"):
        ask(path, "status")


def test_answers_under_way_are_given_and_others_broken_off_at_the_end(tmp_path: Path) -> None:
    async def serve() -> list[bytes]:
        asked: asyncio.Queue[str] = asyncio.Queue()
        closing = asyncio.Event()

        async def slowly(command: str, parameters: dict[str, Any]) -> dict[str, Any]:
            await asked.put(command)
            await (closing.wait() if command == "soon" else asyncio.Event().wait())
            return {}

        path = tmp_path / "control.sock"
        server = ControlServer(path, slowly)
        await server.start()

        async def client(command: str) -> bytes:
            reader, writer = await asyncio.open_unix_connection(str(path))
            writer.write(json.dumps({"command": command}).encode() + b"\n")
            try:
                return await reader.read()
            finally:
                writer.close()

        clients = [asyncio.create_task(client(command)) for command in ("soon", "never")]
        await asked.get()
        await asked.get()
        ending = asyncio.create_task(server.close(0.2))
        closing.set()
        await ending
        return [await one for one in clients]

    def limited() -> Awaitable[list[bytes]]:
        return asyncio.wait_for(serve(), DEADLINE)

    async def main() -> list[bytes]:
        return await limited()

    assert asyncio.run(main()) == [b'{"ok": true}\n', b""]


ENDING = """
import asyncio, sys
from pathlib import Path
from nginxgen.supervise.control import ControlServer

async def main():
    ending = asyncio.Event()
    async def answer(command, parameters):
        ending.set()
        return {}
    server = ControlServer(Path(sys.argv[1]), answer)
    await server.start()
    print("listens", flush=True)
    await ending.wait()
    await server.close()
    print("last words", flush=True)
asyncio.run(main())
"""


def test_the_end_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with subprocess.Popen([sys.executable, "-c", ENDING, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            assert process.stdout.readline() == b"listens\n"
            assert ask_to_end(path, DEADLINE) == {"ok": True}
            assert process.stdout.read() == b"last words\n"
            assert process.wait(DEADLINE) == 0
        finally:
            process.kill()


def test_a_refused_end_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CASES, "stop", NginxgenError("not now"))
    assert served(tmp_path, lambda path: ask_to_end(path, DEADLINE))["error"] == "not now"


def test_an_end_that_does_not_come(tmp_path: Path) -> None:
    def client(path: Path) -> None:
        with pytest.raises(Unavailable, match="was told to stop, and still runs after"):
            ask_to_end(path, 0.1)

    served(tmp_path, client)
