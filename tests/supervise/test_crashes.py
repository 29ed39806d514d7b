"""Workers that crash, and the requests that meet them."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from support.running import Answer, Client, free_port, wait_until
from support.supervised import cluster, supervised


@pytest.fixture
def port() -> int:
    return free_port()


def asked(port: int) -> Answer:
    """The answer to a request."""
    with Client(port) as client:
        return client.get()


@pytest.mark.parametrize("words", [("fd", "{fd}"), ("port", "{port}")], ids=["held", "port"])
def test_a_worker_that_crashes_in_a_loop_gets_no_requests(
    words: tuple[str, ...], port: int, nginx: NginxBinary, tmp_path: Path
) -> None:
    text = cluster(port, *words, more='restart_delay = "2s"\ncrashes = 1')
    with supervised(tmp_path, port, text, nginx) as up:
        before = up.status()["nginx"]["generation"]
        victim, other = up.pids()
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: up.status()["nginx"]["generation"] != before, "nginx knows")
        assert {up.get().split()[0] for _ in range(6)} == {str(other)}
        up.wait_for("is back")
        wait_until(lambda: up.status()["nginx"]["generation"] == before, "nginx knows that it is back")
        assert {up.get().split()[0] for _ in range(6)} == set(map(str, up.pids()))


@pytest.mark.parametrize("words", [("fd", "{fd}"), ("port", "{port}")], ids=["held", "port"])
def test_a_worker_that_is_long_away_gets_no_requests_until_it_is_ready(
    words: tuple[str, ...], port: int, nginx: NginxBinary, tmp_path: Path
) -> None:
    """Out of the group by the time of the next probe, as a backup: should the other crash too, it is asked again."""
    text = cluster(port, *words, more='restart_delay = "3s"\nalive = { path = "/", interval = "200ms" }')
    text = text.replace('upstream = "app"', 'upstream = "app"\nadd_header = { X-Asked = "$upstream_addr" }')
    with supervised(tmp_path, port, text, nginx) as up:
        before = up.status()["nginx"]["generation"]
        first, second = up.pids()
        other = up.workers()[1]["address"]
        os.kill(first, signal.SIGKILL)
        up.wait_for("is out of the group until it is ready")
        wait_until(lambda: up.status()["nginx"]["generation"] != before, "nginx knows")
        assert {"".join(asked(port).get("X-Asked")) for _ in range(6)} == {other}
        up.wait_for("is back")
        os.kill(second, signal.SIGKILL)
        assert {asked(port).status for _ in range(6)} == {200}, "even before nginx knows that the first is back"


def test_who_took_a_crashed_workers_port_is_not_taken_for_it(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    text = cluster(port, "port", "{port}", more='restart_delay = "1s"\nrestart_delay_max = "1s"\ncrashes = 0')
    with supervised(tmp_path, port, text, nginx) as up:
        address = up.workers()[0]["address"]
        os.kill(up.pids()[0], signal.SIGKILL)
        up.wait_for("was ended by SIGKILL")
        with socket.create_server(("127.0.0.1", int(address.rpartition(":")[2]))):
            up.wait_for(f"{address} is taken by")
            assert up.workers()[0]["state"] != "ready"
            assert str(os.getpid()) in up.said()
        up.wait_for("is back")
        up.get()


def test_a_request_that_ends_its_worker_is_given_up_soon(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    text = cluster(port, "fd", "{fd}", more='restart_delay = "20ms"\nrestart_delay_max = "20ms"\ncrashes = 0')
    with supervised(tmp_path, port, text, nginx) as up:
        for _ in range(8):
            up.get()  # so that nginx keeps connections, which it would like to try one after the other
        with Client(port) as client:
            assert client.get("/exit").status == 502
        wait_until(lambda: all(one["state"] == "ready" for one in up.workers()), "both are back")
        up.wait_for("is back", 2)
        assert up.said().count("is back") <= 5, "each of the two once, and three servers may be asked anew"
        up.get()
