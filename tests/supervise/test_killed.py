"""What is killed: nginx's workers, its main process, and the supervisor at any moment."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from nginxgen.proof.binary import NginxBinary
from nginxgen.supervise.connections import accepted_by
from support.command import console_script, environment
from support.load import Load
from support.running import Client, free_port, wait_until
from support.supervised import Supervised, cluster, supervised, title

ROUNDS = int(os.environ.get("NGINXGEN_ROUNDS") or 5)
"""How often a supervisor is killed, for each binary and each way to listen."""


def nginx_workers(up: Supervised) -> list[int]:
    master = psutil.Process(up.status()["nginx"]["pid"])
    return [one.pid for one in master.children() if "worker process" in title(one)]


def test_a_killed_worker_of_nginx_costs_its_own_connections_and_no_others(nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    text = "[nginx]\nworker_processes = 2\n" + cluster(port, "fd", "{fd}", http='"60s"')
    with supervised(tmp_path, port, text, nginx) as up, contextlib.ExitStack() as stack:
        before = up.status()["nginx"]
        first, second = nginx_workers(up)
        clients: dict[int, list[Client]] = {first: [], second: []}
        end = time.monotonic() + 20
        while not all(clients.values()) or sum(map(len, clients.values())) < 8:
            assert time.monotonic() < end, "both workers take connections"
            one = stack.enter_context(Client(port))
            assert one.get().status == 200
            here, there = one.socket.getsockname(), one.socket.getpeername()
            clients[next(pid for pid in clients if accepted_by(pid, here, there))].append(one)
        lines = len(up.messages())
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: len(set(nginx_workers(up)) - {first, second}) == 1, "nginx has started another worker")
        assert all(one.get().status == 200 for one in clients[second])
        for one in clients[first]:
            with pytest.raises((ConnectionError, IndexError)):
                one.get()
        after = up.status()["nginx"]
        assert after == before
        assert up.messages()[lines:] == [], "there is nothing for the supervisor to do"
        up.get()


def test_a_killed_main_process_of_nginx_is_followed_within_a_second(
    nginx: NginxBinary, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up, Load(port) as load:
        generation = up.status()["nginx"]["generation"]
        for number in range(5):
            load.wait_for(2)
            killed = up.status()["nginx"]["pid"]
            os.kill(killed, signal.SIGKILL)
            up.wait_for("serves again after", number + 1)
            now = up.status()["nginx"]
            assert now["pid"] not in (None, killed)
            assert (now["generation"], now["state"]) == (generation, "serving")
        load.wait_for(2)
        assert load.failed == {}
        times = [int(found) for found in re.findall(r"serves again after (\d+) ms", up.said())]
        with capsys.disabled():
            sys.stdout.write(
                f"\nnginx {nginx.target.lowest}: main process killed, serves again after {sorted(times)} ms\n"
            )
        assert len(times) == 5
        assert statistics.median(times) < 1000


MOMENTS = ("start", "restart", "edit", "scale", "stop")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go, of which there are none in the end; run folders stay where they are."""
    made = tmp_path / "temporary"
    made.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", tempfile.gettempdir())
    monkeypatch.setenv("TMPDIR", str(made))
    return made


@contextlib.contextmanager
def begun(up: Supervised, moment: str, number: int) -> Iterator[None]:
    """Let something be under way."""
    if moment == "edit":
        up.edit("count = 2", f'count = 2\nenv = {{ WORD = "{number}" }}')
    elif moment == "stop":
        up.process.send_signal(signal.SIGINT)
    words = {"restart": ["restart", up.file], "scale": ["scale", "app", "4", "--run", up.run]}.get(moment)
    if words is None:
        yield
        return
    with subprocess.Popen(
        [console_script(), *map(str, words)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
        cwd=up.folder,
    ) as asking:
        yield
        asking.wait(30)


def left_of(up: Supervised, port: int, moment: str) -> list[str]:
    """What is still there of a system: processes that it was seen to start, or that speak of its folders, and ears."""
    found = [str(one) for one in up.left()]
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            line = " ".join(one.cmdline())
            if str(up.run) in line or (str(up.folder) in line and one.pid != os.getpid()):
                found.append(line)
    # A lock that nobody holds may stay of one that was killed before it had a guardian.
    found += [str(one) for one in up.run.glob("*") if (one.name, moment) != ("pid", "start")]
    with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 1):
        found.append(f"somebody listens on {port}")
    return found


@pytest.mark.parametrize("words", [("fd", "{fd}"), ("port", "{port}")], ids=["held", "port"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["SIGKILL", "SIGINT"])
def test_nothing_outlives_a_supervisor_that_is_ended_at_any_moment(
    number: signal.Signals,
    words: tuple[str, ...],
    nginx: NginxBinary,
    temporary: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = int(os.environ.get("NGINXGEN_SEED") or random.randrange(2**32))
    with capsys.disabled():
        sys.stdout.write(f"\nnginx {nginx.target.lowest}, {words[0]}, {number.name}: NGINXGEN_SEED={seed}\n")
    chance = random.Random(seed)
    port = free_port()
    text = cluster(port, *words)
    for turn in range(ROUNDS):
        moment = MOMENTS[turn % len(MOMENTS)]
        (tmp_path / "cluster.toml").write_text(text)
        up = Supervised(tmp_path, port, nginx)
        try:
            if moment != "start":
                up.wait_for("edits are followed")
            with begun(up, moment, turn):
                until = time.monotonic() + chance.uniform(0, 1.2 if moment == "start" else 0.8)
                while time.monotonic() < until:
                    up.family()
                up.family()
                up.process.send_signal(number)
                code = up.process.wait(30)
            # Before nginxgen listens to signals Python does, and afterwards nobody any more.
            assert number is signal.SIGKILL or code in (130, -signal.SIGINT), up.said()
            when = f"round {turn}, while it was told to {moment}"
            wait_for_nothing(lambda up=up, moment=moment: left_of(up, port, moment), when)  # type: ignore[misc]
        finally:
            up.process.kill()
            up.process.wait()
            for process in up.left():
                process.kill()
    with supervised(tmp_path, port, text, nginx) as up:
        up.get()
        assert len(list(up.run.glob("nginx-*.conf"))) == 1
        assert up.end() == 130
        assert not up.run.exists()
    assert [path.name for path in temporary.iterdir()] == []


def wait_for_nothing(found: Callable[[], list[str]], when: str) -> None:
    """Wait until nothing is found any more, and fail with what is."""
    try:
        wait_until(lambda: not found(), "nothing is left", 15)
    except AssertionError:
        raise AssertionError(f"{when}: {found()} outlived it") from None
