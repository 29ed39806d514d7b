"""``nginxgen up`` from outside: workers and nginx as real processes, under load, through everything that happens."""

from __future__ import annotations

import os
import re
import signal
import socket
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from nginxgen.supervise.folder import run_folder
from support.command import nginxgen
from support.load import Load
from support.running import free_port, wait_until
from support.supervised import cluster, supervised, title

PLACES = {"held": ("fd", "{fd}"), "systemd": (), "port": ("port", "{port}"), "socket": ("socket", "{socket}")}
METHODS = ("GET", "POST")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.mark.parametrize("words", PLACES.values(), ids=PLACES)
def test_serves_until_it_is_told_to_end(words: tuple[str, ...], port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    with supervised(tmp_path, port, cluster(port, *words), nginx) as up:
        answers = {up.get().split()[0] for _ in range(8)}
        assert answers == set(map(str, up.pids()))
        status = up.status()
        assert status["nginx"]["state"] == "serving"
        assert [one["state"] for one in status["groups"]["app"]["workers"]] == ["ready", "ready"]
        assert f"serving http://localhost:{port}/" in up.messages()
        assert up.end() == 130
        wait_until(lambda: not up.left(), "every process has ended")
        assert not up.run.exists()
        assert up.messages()[-1].startswith("goodbye")


@pytest.mark.parametrize("method", METHODS)
def test_reloads_lose_nothing(method: str, port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up, Load(port, method=method) as load:
        for number in range(10):
            load.wait_for(5)
            up.edit('path = "/"', f'path = "/"\nadd_header = {{ X-Number = "{number}" }}\n#')
            up.wait_for("serves after", number + 1)
            up.edit(f'\nadd_header = {{ X-Number = "{number}" }}\n#', f" # {number}\n#")
        load.wait_for(5)
        assert load.failed == {}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("words", PLACES.values(), ids=PLACES)
def test_a_rolling_restart_loses_nothing(
    words: tuple[str, ...], method: str, port: int, nginx: NginxBinary, tmp_path: Path
) -> None:
    with supervised(tmp_path, port, cluster(port, *words), nginx) as up, Load(port, method=method) as load:
        for _ in range(2):
            before = up.pids()
            load.wait_for(5)
            done = up.ask("restart")
            assert done.code == 0, done.err
            assert set(up.pids()).isdisjoint(before)
        load.wait_for(5)
        assert load.failed == {}


def test_one_worker_with_a_held_socket_is_enough(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    text = cluster(port, "fd", "{fd}", count=1)
    with supervised(tmp_path, port, text, nginx) as up, Load(port, method="POST") as load:
        load.wait_for(5)
        assert nginxgen("restart", "app", up.file).code == 0
        load.wait_for(5)
        assert load.failed == {}


@pytest.mark.parametrize("words", PLACES.values(), ids=PLACES)
def test_scaling_loses_nothing(words: tuple[str, ...], port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    with supervised(tmp_path, port, cluster(port, *words), nginx) as up, Load(port, method="POST") as load:
        for count in (4, 1, 3):
            load.wait_for(5)
            done = nginxgen("scale", "app", str(count), "--run", up.run)
            assert done.code == 0, done.err
            assert len(up.pids()) == count
        load.wait_for(5)
        assert load.failed == {}


@pytest.mark.parametrize("words", PLACES.values(), ids=PLACES)
def test_killed_workers_come_back_and_no_get_is_lost(
    words: tuple[str, ...], port: int, nginx: NginxBinary, tmp_path: Path
) -> None:
    with supervised(tmp_path, port, cluster(port, *words), nginx) as up, Load(port) as load:
        for number in range(6):
            load.wait_for(3)
            victim = up.pids()[number % 2]
            os.kill(victim, signal.SIGKILL)
            up.wait_for("is back", number + 1)
        load.wait_for(3)
        assert load.failed == {}


def test_killing_every_worker_at_once_costs_no_get_with_held_sockets(
    port: int, nginx: NginxBinary, tmp_path: Path
) -> None:
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up, Load(port) as load:
        for number in range(3):
            load.wait_for(3)
            for pid in up.pids():
                os.kill(pid, signal.SIGKILL)
            up.wait_for("is back", 2 * number + 2)
        load.wait_for(3)
        assert load.failed == {}


def test_nginx_itself_comes_back(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up:
        for number in range(3):
            old = up.status()["nginx"]
            os.kill(old["pid"], signal.SIGKILL)
            up.wait_for("serves again after", number + 1)
            new = up.status()["nginx"]
            assert new["pid"] != old["pid"]
            assert new["state"] == "serving"
            up.get()
        up.family()
        wait_until(lambda: len([one for one in up.family() if one.is_running()]) >= 4, "all are back")
        assert up.end() == 130
        wait_until(lambda: not up.left(), "also the workers of those that were killed have ended")


def test_a_wrong_edit_changes_nothing_and_names_its_line(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up, Load(port) as load:
        before = up.status()["nginx"]["generation"], up.pids()
        up.edit('upstream = "app"', 'upstream = "ap"')
        up.wait_for("is wrong; what served before goes on")
        up.wait_for("cluster.toml:15:12")
        up.edit('upstream = "ap"', 'upstream = "app"\nbogus = 1')
        up.wait_for("is wrong; what served before goes on", 2)
        assert (up.status()["nginx"]["generation"], up.pids()) == before
        refused = up.ask("status").out
        assert "cluster.toml as it is now is not followed: cluster.toml is wrong; what served before goes on" in refused
        assert "unknown key" in refused
        up.edit("bogus = 1", "proxy_read_timeout = 7")
        up.wait_for("serves after")
        assert up.status()["refused"] is None
        assert up.status()["nginx"]["generation"] != before[0]
        assert up.pids() == before[1], "a change of nginx's alone restarts no worker"
        load.wait_for(3)
        assert load.failed == {}


def test_a_new_command_restarts_the_group_and_loses_nothing(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    text = cluster(port, "port", "{port}", more='env = { WORD = "one" }')
    with supervised(tmp_path, port, text, nginx) as up, Load(port, method="POST") as load:
        assert up.get().split()[2] == "one"
        load.wait_for(3)
        up.edit('"one"', '"two"')
        up.wait_for("serves after")
        assert {up.get().split()[2] for _ in range(6)} == {"two"}
        load.wait_for(3)
        assert load.failed == {}


def test_a_new_command_that_does_not_work_leaves_the_old_one(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up, Load(port) as load:
        before = up.pids()
        up.edit("backend.py", "nosuch.py")
        up.wait_for("is wrong; what served before goes on")
        up.wait_for("error[NG064]: app.0 ended with exit code 2 before it was ready; it said last: ")
        up.wait_for("cluster.toml:5:11")
        assert "nosuch.py" in up.said()
        assert up.pids() == before
        load.wait_for(3)
        assert load.failed == {}


def test_a_new_port_is_listened_on_without_losing_the_old_connections(
    port: int, nginx: NginxBinary, tmp_path: Path
) -> None:
    other = free_port()
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up, Load(port) as load:
        load.wait_for(3)
        up.edit(f'["127.0.0.1:{port}"]', f'["127.0.0.1:{port}", "127.0.0.1:{other}"]')
        up.wait_for("serves after")
        up.port = other
        up.get()
        load.wait_for(3)
        assert load.failed == {}


def test_a_taken_port_says_who_has_it(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        (tmp_path / "cluster.toml").write_text(cluster(port, "fd", "{fd}"))
        done = nginxgen("up", tmp_path / "cluster.toml", "--nginx", nginx.path)
    assert done.code == 4
    assert f"127.0.0.1:{port} is taken by" in done.err
    assert str(os.getpid()) in done.err
    assert "--port-offset" in done.err


def test_listeners_are_moved_by_an_offset(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    text = cluster(port - 1000, "fd", "{fd}")
    with supervised(tmp_path, port, text, nginx, "--port-offset", "1000") as up:
        up.get()
        assert up.status()["urls"] == [f"http://localhost:{port}/"]
        up.edit('path = "/"', 'path = "/"\nadd_header = { X-New = "1" }')
        up.wait_for("serves after")
        up.get()
    done = nginxgen("up", tmp_path / "cluster.toml", "--nginx", nginx.path, "--port-offset", "65000")
    assert done.code == 1
    assert f"error: ports end at 65535, and {port - 1000} + 65000 is beyond; use a smaller offset" in done.err


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import time; print('warming up', flush=True); time.sleep(60)", "was not ready within 1 s"),
        ("import time; print('warming up', flush=True); time.sleep(60)", "it gets a socket to listen on as number 3"),
        ("print('no such table: users'); raise SystemExit(3)", "ended with exit code 3 before it was ready"),
    ],
    ids=["silent", "told otherwise", "crashing"],
)
def test_a_worker_that_does_not_start(program: str, reason: str, port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    text = cluster(port, "fd", "{fd}", more='ready_timeout = "1s"')
    command = text[text.index("command") : text.index("\ncount")]
    (tmp_path / "program.py").write_text(program)
    (tmp_path / "cluster.toml").write_text(text.replace(command, 'command = ["python3", "program.py"]'))
    done = nginxgen("up", tmp_path / "cluster.toml", "--nginx", nginx.path)
    assert done.code == 1
    assert reason in done.err
    assert ("warming up" if "warming up" in program else "no such table: users") in done.err
    assert not run_folder(tmp_path / "cluster.toml").exists()


def test_a_wrong_file_starts_nothing(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text(cluster(port, "fd", "{fd}").replace("count", "cuont"))
    done = nginxgen("up", tmp_path / "cluster.toml", "--nginx", nginx.path)
    assert done.code == 1
    assert 'did you mean "count"?' in done.err


def test_a_second_one_is_refused(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up:
        done = nginxgen("up", up.file, "--nginx", nginx.path)
        assert done.code == 4
        assert str(up.process.pid) in done.err
        up.get()


def test_a_program_that_ignores_sigterm_is_ended(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    stubborn = (
        "import http.server, signal, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "address = '127.0.0.1', int(sys.argv[1])\n"
        "http.server.HTTPServer(address, http.server.SimpleHTTPRequestHandler).serve_forever()\n"
    )
    (tmp_path / "stubborn.py").write_text(stubborn)
    text = cluster(port, "fd", "{fd}", more='grace = "300ms"')
    command = text[text.index("command") : text.index("\ncount")]
    with supervised(
        tmp_path, port, text.replace(command, 'command = ["python3", "stubborn.py", "{port}"]'), nginx
    ) as up:
        up.get()
        assert up.ask("restart").code == 0
        up.get()
        assert up.end() == 130
        wait_until(lambda: not up.left(), "it has ended all the same")


def test_a_program_that_forks_by_itself(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    forking = (
        "import os, socket\n"
        "held = socket.socket(fileno=3)\n"
        "for _ in range(3):\n"
        "    if os.fork() == 0:\n"
        "        while True:\n"
        "            client, _ = held.accept() if held.getblocking() else (None, None)\n"
        "            client.recv(65536)\n"
        "            client.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok')\n"
        "            client.close()\n"
        "os.wait()\n"
    ).replace("held = socket.socket(fileno=3)\n", "held = socket.socket(fileno=3)\nheld.setblocking(True)\n")
    (tmp_path / "forking.py").write_text(forking)
    text = cluster(port, count=1)
    command = text[text.index("command") : text.index("\ncount")]
    with supervised(tmp_path, port, text.replace(command, 'command = ["python3", "forking.py"]'), nginx) as up:
        assert up.get() == "ok"
        family = {one for one in up.family() if "forking.py" in title(one)}
        assert len(family) == 4
        assert up.end() == 130
        wait_until(lambda: not up.left(), "its children have ended too")


def test_requests_are_told_and_a_flood_of_them_is_summed_up(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up:
        address = up.workers()[0]["address"]
        up.get("/first?a=b")
        wait_until(lambda: up.messages("nginx"), "it is told")
        (line,) = up.messages("nginx")
        assert re.fullmatch(rf'127\.0\.0\.1 "GET /first\?a=b HTTP/1\.1" 200, \d+ bytes in \d+ ms from {address}', line)
        for _ in range(200):
            up.get()

        def told() -> int:
            more = [int(one) for one in re.findall(r"… and (\d+) more request", "\n".join(up.messages("nginx")))]
            return sum(more) + sum('"GET / ' in one for one in up.messages("nginx"))

        # nginx waits for nobody who reads its log: on a busy machine some of it is lost.
        wait_until(lambda: told() >= 100, "they are told or counted")
        assert told() <= 200


def test_a_flood_of_output_blocks_nothing(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    flooding = (
        "import sys, threading, http.server\n"
        "def flood():\n"
        "    while True: sys.stdout.buffer.write(b'x' * 100000 + bytes(range(256)) + b'half'); sys.stdout.flush()\n"
        "threading.Thread(target=flood, daemon=True).start()\n"
        "http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), http.server.SimpleHTTPRequestHandler)"
        ".serve_forever()\n"
    )
    (tmp_path / "flooding.py").write_text(flooding)
    text = cluster(port, count=1)
    command = text[text.index("command") : text.index("\ncount")]
    with supervised(
        tmp_path, port, text.replace(command, 'command = ["python3", "flooding.py", "{port}"]'), nginx
    ) as up:
        for _ in range(5):
            up.get()
        assert up.status()["nginx"]["state"] == "serving"
        assert up.end() == 130


def test_a_range_of_ports_that_is_too_small_takes_nothing_with_it(
    port: int, nginx: NginxBinary, tmp_path: Path
) -> None:
    first = free_port()
    text = cluster(port, "port", "{port}", more=f'port = "{first}-{first + 2}"')
    with supervised(tmp_path, port, text, nginx) as up:
        addresses = {one["address"] for one in up.workers()}
        refused = nginxgen("scale", "app", "5", up.file)
        assert refused.code == 1
        assert f"its workers have all of {first}-{first + 2}" in refused.err
        assert {one["address"] for one in up.workers()} == addresses
        assert nginxgen("scale", "app", "3", up.file).code == 0, "what was not used is free again"
        up.get()


def test_figures_come_from_nginx_itself(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up:
        for _ in range(20):
            up.get()

        def counted() -> bool:
            return all(one["p50_ms"] is not None for one in up.status()["groups"]["app"]["workers"])

        wait_until(counted, "every request was counted")
        assert up.status()["traffic"]["requests_per_second"] > 0
