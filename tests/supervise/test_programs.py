"""Programs of other people as workers: each is run, asked, and replaced under load."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from nginxgen.proof.binary import NginxBinary
from support.load import Load
from support.running import Client, free_port, wait_until
from support.supervised import Supervised, cluster, supervised

HELLO = b"hello world\n"
NODE = """\
const http = require("http");
http.createServer((request, response) => response.end("hello world\\n")).listen({ fd: Number(process.argv[2]) });
"""
NODE_CLUSTER = """\
const cluster = require("cluster");
const http = require("http");
if (cluster.isPrimary) {
  for (let number = 0; number < 2; number++) cluster.fork();
} else {
  http.createServer((request, response) => response.end("hello world\\n")).listen(Number(process.argv[2]), "127.0.0.1");
}
"""
ASGI = """\
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"12")]})
        await send({"type": "http.response.body", "body": b"hello world\\n"})
"""
UVICORN = [sys.executable, "-m", "uvicorn", "program:app", "--log-level", "warning"]


class Program(NamedTuple):
    """A program that somebody wrote without us in mind."""

    command: list[str]
    file: str
    text: str
    processes: int = 1
    """Of each worker."""


PROGRAMS = {
    "node": Program(["node", "program.js", "{fd}"], "program.js", NODE),
    "node cluster": Program(["node", "program.js", "{port}"], "program.js", NODE_CLUSTER, processes=3),
    "http.server": Program(
        [sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1"], "index.html", HELLO.decode()
    ),
    "uvicorn --fd": Program([*UVICORN, "--fd", "{fd}"], "program.py", ASGI),
    "uvicorn --uds": Program([*UVICORN, "--uds", "{socket}"], "program.py", ASGI),
}


def running(command: list[str], port: int, count: str = "2", more: str = "") -> str:
    """A cluster of a program, whose answers say which worker gave them."""
    if command[0] == "node" and shutil.which("node") is None:
        pytest.skip("node is not installed")
    text = cluster(port, more=more)
    text = text.replace(
        text[text.index("command") : text.index("\nready")], f"command = {json.dumps(command)}\ncount = {count}"
    )
    return text.replace('upstream = "app"', 'upstream = "app"\nadd_header = { X-Asked = "$upstream_addr" }')


def restarts_lose_nothing(up: Supervised, expected: bytes, times: int = 2) -> None:
    """Replace every worker under load."""
    with Load(up.port, expected=expected) as load:
        for _ in range(times):
            load.wait_for(5)
            before = up.pids()
            up.tell("restart", group="app")
            assert set(up.pids()).isdisjoint(before)
        load.wait_for(5)
    assert load.failures == []


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_is_replaced_under_load(program: Program, nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / program.file).write_text(program.text)
    with supervised(tmp_path, port, running(program.command, port), nginx) as up:
        assert up.get() == HELLO.decode()
        for pid in up.pids():
            wait_until(lambda pid=pid: family_of(pid) == program.processes, "it has all its processes")  # type: ignore[misc]
        restarts_lose_nothing(up, HELLO)
        assert up.end() == 130
        wait_until(lambda: not up.left(), "every process has ended")


def family_of(pid: int) -> int:
    """How many processes a worker is."""
    return 1 + len(psutil.Process(pid).children(recursive=True))


@pytest.mark.parametrize("name", ["server.js", "cluster.js"])
def test_the_tutorials_programs_run_unchanged(name: str, shared: Path, nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    command = ["node", str(shared / "seed" / name), "{port}"]
    with supervised(tmp_path, port, running(command, port), nginx) as up:
        restarts_lose_nothing(up, HELLO, times=1)


def test_requests_alternate_between_the_tutorials_servers(shared: Path, nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    command = ["node", str(shared / "seed" / "server.js"), "{port}"]
    asked = [f"/request/{number:02}" for number in range(40)]
    with supervised(tmp_path, port, running(command, port), nginx) as up:
        answered = [answered_by(port, path) for path in asked]

        def heard() -> dict[str, str]:
            """Which worker has said that it got a request."""
            return {
                message.split()[-1]: source
                for source in ("app.0", "app.1")
                for message in up.messages(source)
                if "Request for:" in message
            }

        wait_until(lambda: set(asked) <= set(heard()), "every request is told by a worker")
        workers = [heard()[path] for path in asked]
    for seen in (answered, workers):
        assert len(set(seen)) == 2
        assert all(one != next_one for one, next_one in itertools.pairwise(seen)), seen


def answered_by(port: int, path: str) -> str:
    """The server that nginx asked."""
    with Client(port) as client:
        return client.get(path).get("X-Asked")[0]


def test_as_many_workers_as_cores_use_every_core(nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    cores = os.sched_getaffinity(0)
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}").replace("count = 2", 'count = "auto"'), nginx) as up:
        assert len(up.pids()) == len(cores)
        processes = [psutil.Process(pid) for pid in up.pids()]
        used: Callable[[], list[float]] = lambda: [sum(one.cpu_times()[:2]) for one in processes]  # noqa: E731
        before, seen = used(), set[int]()
        with Load(port, clients=2 * len(cores)) as load:

            def is_shown() -> bool:
                seen.update(one.cpu_num() for one in processes)
                return seen == cores and all(late > early + 0.05 for early, late in zip(before, used(), strict=True))

            wait_until(is_shown, "each worker has worked, and they did so on every core")
        assert load.failures == []
