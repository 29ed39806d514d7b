"""The commands that talk to a running supervisor, as people type them; one that answers by heart stands in for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nginxgen.errors import NginxgenError
from nginxgen.supervise.control import ControlServer
from support.command import console_script, environment, nginxgen, on_terminal
from support.running import DEADLINE

QUIET = {"requests_per_second": 0.0, "p50_ms": None, "p99_ms": None, "errors": 0}
BUSY = {"requests_per_second": 1234.56, "p50_ms": 4.0, "p99_ms": 12_400.0, "errors": 3}
STATUS: dict[str, Any] = {
    "ok": True,
    "pid": 4700,
    "files": ["cluster.toml", "prod.toml"],
    "run": "/run/nginxgen",
    "urls": ["http://localhost:8080/"],
    "nginx": {"version": "1.31.3", "pid": 4711, "generation": "5f0c2a9e77b1d3", "workers": 2, "state": "serving"},
    "traffic": BUSY,
    "refused": None,
    "groups": {
        "shop": {
            "workers": [
                {
                    "index": 0,
                    "state": "ready",
                    "pid": 4712,
                    "address": "127.0.0.1:41001",
                    "uptime": 7384.2,
                    "restarts": 0,
                    "last_restart": None,
                    "cpu_percent": 12.34,
                    "memory_mib": 45.6,
                    **BUSY,
                },
                {
                    "index": 1,
                    "state": "backoff",
                    "pid": None,
                    "address": "unix:/run/shop.sock",
                    "uptime": None,
                    "restarts": 12,
                    "last_restart": "was ended by SIGKILL",
                    "cpu_percent": None,
                    "memory_mib": None,
                    **QUIET,
                },
            ],
            "servers": [],
        },
        "far": {"workers": [], "servers": [{"address": "10.0.0.1:80", "state": "unchecked", **QUIET}]},
    },
}
TABLE = """\
cluster.toml, prod.toml: nginxgen up, pid 4700, in /run/nginxgen
nginx 1.31.3, serving, pid 4711, 2 workers, generation 5f0c2a9e77b1
http://localhost:8080/
1234.6 requests/s, p50 4 ms, p99 12 s, 3 errors

NAME    STATE      ADDRESS               PID     UP  RESTARTS    CPU  MEMORY   REQ/S   P50   P99  ERRORS
shop.0  ready      127.0.0.1:41001      4712  2h03m         0  12.3%  46 MiB  1234.6  4 ms  12 s       3
shop.1  backoff    unix:/run/shop.sock     -      -        12      -       -     0.0     -     -       0
far     unchecked  10.0.0.1:80             -      -         -      -       -     0.0     -     -       0

shop.1 was started again, the last time because it was ended by SIGKILL
"""


class Fake:
    """What stands in for the supervisor: it answers from a table, and notes what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.lines = [self.line(number) for number in range(1, 6)]
        self.answers: dict[str, Any] = {"status": STATUS, "reload": {}, "restart": {}, "scale": {}}
        self.polled = threading.Event()

    @staticmethod
    def line(number: int) -> dict[str, Any]:
        return {"number": number, "time": "2026-01-01T00:00:00.000Z", "source": "shop.0", "message": f"line {number}"}

    async def answer(self, command: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((command, parameters))
        if command == "logs":
            if "after" in parameters:
                self.polled.set()
            return {"lines": self.lines[-parameters["lines"] :] if parameters["lines"] else []}
        found = self.answers[command]
        if isinstance(found, Exception):
            raise found
        answer: dict[str, Any] = found
        return answer


@contextlib.contextmanager
def fake(folder: Path) -> Iterator[Fake]:
    made = Fake(folder)
    ready, ending = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        server = ControlServer(folder / "control.sock", made.answer)
        await server.start()
        ready.set()
        await ending.wait()
        await server.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(DEADLINE)
        yield made
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(DEADLINE)
        loop.close()


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Fake]:
    with fake(tmp_path / "run") as made:
        yield made


def test_status_as_a_table(up: Fake) -> None:
    done = nginxgen("status", "--run", up.folder)
    assert (done.code, done.out, done.err) == (0, TABLE, "")
    assert up.asked == [("status", {})]


def test_status_of_next_to_nothing(up: Fake) -> None:
    nginx = {"version": "1.22.1", "pid": None, "generation": "", "workers": 0, "state": "starting"}
    up.answers["status"] = {**STATUS, "urls": [], "nginx": nginx, "traffic": QUIET, "groups": {}}
    assert nginxgen("status", "--run", up.folder).out.splitlines()[1:] == [
        "nginx 1.22.1, starting, 0 workers",
        "0.0 requests/s, p50 -, p99 -, 0 errors",
    ]


def test_status_tells_that_the_file_is_not_followed(up: Fake) -> None:
    refused = 'what served before goes on\nerror[NG012]: upstream "ap" is not defined\n'
    up.answers["status"] = {**STATUS, "refused": refused}
    end = f"\ncluster.toml, prod.toml as it is now is not followed: {refused}"
    assert nginxgen("status", "--run", up.folder).out == TABLE + end


def test_status_as_json(up: Fake) -> None:
    done = nginxgen("status", "--format", "json", "--run", up.folder)
    assert (done.code, json.loads(done.out)) == (0, STATUS)


@pytest.mark.parametrize("format", ["text", "json"])
def test_watched_through_a_pipe(tmp_path: Path, format: str) -> None:
    command = [console_script(), "status", "--watch", "--format", format, "--run", str(tmp_path)]
    with (
        fake(tmp_path),
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process,
    ):
        assert process.stdout
        try:
            size = 2 * len(TABLE.splitlines()) + 2 if format == "text" else 2
            got = [process.stdout.readline().decode() for _ in range(size)]
        finally:
            process.kill()
    assert "".join(got) == 2 * (TABLE + "\n") if format == "text" else [json.loads(one) for one in got] == 2 * [STATUS]


def test_watched_until_it_ends(tmp_path: Path) -> None:
    command = [console_script(), "status", "--watch", "--run", str(tmp_path)]

    with fake(tmp_path):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        assert process.stdout
        process.stdout.readline()
    _, err = process.communicate(timeout=DEADLINE)
    assert (process.returncode, err.decode()) == (4, f"error: nginxgen up does not run for {tmp_path}\n")


def test_watched_on_a_terminal_it_is_drawn_in_place(up: Fake) -> None:
    with on_terminal("status", "--watch", "--run", up.folder, piped=False) as terminal:
        terminal.read_until(lambda shown: shown.count("\x1b[H\x1b[J") == 2 and shown.count("far ") == 2)
    assert terminal.shown.startswith("\x1b[H\x1b[Jcluster.toml, prod.toml:")


@pytest.mark.parametrize(
    ("words", "asked", "said"),
    [
        (["reload"], ("reload", {}), "reloaded"),
        (["restart"], ("restart", {"group": None}), "restarted"),
        (["restart", "shop"], ("restart", {"group": "shop"}), "restarted"),
        (["scale", "shop", "3"], ("scale", {"group": "shop", "count": 3}), "shop has 3 workers"),
        (["scale", "shop", "1", "other.toml"], ("scale", {"group": "shop", "count": 1}), "shop has 1 worker"),
    ],
)
def test_commands(up: Fake, words: list[str], asked: tuple[str, Any], said: str) -> None:
    done = nginxgen(*words, "--run", up.folder)
    assert (done.code, done.out, done.err) == (0, "", f"{said}\n")
    assert up.asked == [asked]
    up.answers[asked[0]] = {"message": "what it says itself"}
    assert nginxgen(*words, "--run", up.folder).err == "what it says itself\n"


@pytest.mark.parametrize("words", [["status"], ["reload"], ["restart"], ["scale", "shop", "2"], ["stop"]])
def test_refusals(up: Fake, words: list[str]) -> None:
    up.answers[words[0]] = NginxgenError("there is no such group")
    done = nginxgen(*words, "--run", up.folder)
    assert (done.code, done.out, done.err) == (1, "", "error: there is no such group\n")


@pytest.mark.parametrize("words", [["status"], ["reload"], ["restart"], ["scale", "a", "2"], ["stop"], ["logs", "-f"]])
def test_nobody_runs(tmp_path: Path, words: list[str]) -> None:
    quiet = {"XDG_RUNTIME_DIR": str(tmp_path)}
    done = nginxgen(*words, cwd=tmp_path, env=quiet)
    assert (done.code, done.out, done.err) == (4, "", "error: nginxgen up does not run for cluster.toml\n")
    assert "does not run for other.toml" in nginxgen(*words, "other.toml", cwd=tmp_path, env=quiet).err


def test_nobody_runs_as_json(tmp_path: Path) -> None:
    done = nginxgen("status", "--format", "json", "--run", tmp_path)
    assert done.code == 4
    assert done.messages[0]["message"] == f"nginxgen up does not run for {tmp_path}"


@pytest.mark.parametrize("words", [["scale", "shop"], ["scale", "shop", "0"], ["scale", "shop", "x"], ["logs", "-n-1"]])
def test_usage(words: list[str]) -> None:
    assert nginxgen(*words).code == 2


def test_logs(up: Fake) -> None:
    done = nginxgen("logs", "--lines", "2", "--run", up.folder)
    assert done.out == "2026-01-01T00:00:00.000Z shop.0 | line 4\n2026-01-01T00:00:00.000Z shop.0 | line 5\n"
    assert nginxgen("logs", "--lines", "0", "--run", up.folder).out == ""
    assert up.asked == [("logs", {"lines": 2}), ("logs", {"lines": 0})]


@pytest.mark.parametrize("lines", [0, 1])
def test_logs_are_followed(up: Fake, lines: int) -> None:
    command = [console_script(), "logs", "--follow", "--lines", str(lines), "--run", str(up.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) as process:
        assert process.stdout
        try:
            got = [process.stdout.readline() for _ in range(lines)]
            assert up.polled.wait(DEADLINE)
            up.lines = [Fake.line(5), Fake.line(6)]
            got.append(process.stdout.readline())
            up.lines = [Fake.line(9)]
            got += [process.stdout.readline(), process.stdout.readline()]
        finally:
            process.kill()
    shown = [one.decode().partition(" | ")[2] or one.decode() for one in got]
    assert shown == ["line 5\n"] * lines + ["line 6\n", "… 2 lines were missed\n", "line 9\n"]


STOPPED = """
import asyncio, sys
from pathlib import Path
from nginxgen.supervise.control import ControlServer

async def main():
    ending = asyncio.Event()
    async def answer(command, parameters):
        assert command == "stop"
        ending.set()
        return {}
    server = ControlServer(Path(sys.argv[1]) / "control.sock", answer)
    await server.start()
    print("listens", flush=True)
    await ending.wait()
    await server.close()
asyncio.run(main())
"""


def test_stop_waits_for_the_end(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", STOPPED, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            assert process.stdout.readline() == b"listens\n"
            done = nginxgen("stop", "--run", tmp_path)
            assert (done.code, done.out, done.err) == (0, "", "stopped\n")
            assert process.poll() == 0
        finally:
            process.kill()


def test_render_does_not_import_what_only_a_supervisor_needs() -> None:
    script = "import sys, nginxgen.cli, nginxgen.proven\n"
    script += "print([one for one in sys.modules if one.split('.')[0] in ('asyncio', 'psutil') or 'supervise' in one])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"
