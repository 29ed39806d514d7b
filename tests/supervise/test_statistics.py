"""What nginx sends of its traffic is counted right, and nothing that is sent does harm."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nginxgen.errors import Unavailable
from nginxgen.proof.binary import NginxBinary
from nginxgen.supervise.messages import Traffic
from nginxgen.supervise.statistics import Receiver, Statistics
from nginxgen.supervise.traffic import LOG_FORMAT, LOG_FORMAT_NAME, read_request
from support.running import DEADLINE, Client, free_port, recording_backend, running_nginx, written

HEADER = b"<190>Nov 22 18:00:00 nginxgen: "


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def logged(**changes: str) -> bytes:
    fields = {
        "status": "200",
        "time": "0.005",
        "sent": "2",
        "client": "192.0.2.1",
        "request": "GET / HTTP/1.1",
        "addresses": "10.0.0.1:80",
        "statuses": "200",
        "times": "0.004",
    }
    return HEADER + json.dumps({**fields, **changes}).encode()


def counted(*datagrams: bytes) -> Statistics:
    statistics = Statistics(Clock())
    for one in datagrams:
        statistics.feed(one)
    return statistics


def test_a_request() -> None:
    statistics = counted(logged())
    total, server = statistics.total(), statistics.per_server()["10.0.0.1:80"]
    assert (total.total, total.errors, total.p50_ms, total.p99_ms) == (1, 0, 5.0, 5.0)
    assert (server.total, server.errors, server.p50_ms, server.p99_ms) == (1, 0, 4.0, 4.0)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, '192.0.2.1 "GET / HTTP/1.1" 200, 2 bytes in 5 ms from 10.0.0.1:80'),
        (
            {"addresses": "10.0.0.1:80, unix:/b", "statuses": "502, 200", "times": "0.001, 0.002"},
            '192.0.2.1 "GET / HTTP/1.1" 200, 2 bytes in 5 ms from 10.0.0.1:80 (502), then unix:/b',
        ),
        ({"addresses": "", "statuses": "", "times": ""}, '192.0.2.1 "GET / HTTP/1.1" 200, 2 bytes in 5 ms'),
        (
            {
                "addresses": "app",
                "statuses": "502",
                "times": "0.000",
                "request": "",
                "status": "502",
                "client": "unix:",
            },
            'unix: "" 502, 2 bytes in 5 ms',
        ),
    ],
    ids=["plain", "the second server", "no server", "no server is up"],
)
def test_a_request_as_a_line(changes: dict[str, str], line: str) -> None:
    assert str(read_request(logged(**changes))) == line


def test_each_server_that_nginx_tried_counts_by_itself() -> None:
    several = {"addresses": "10.0.0.1:80, [::1]:80 : unix:/b", "statuses": "502, 504 : 200", "times": "0.000, 2.0 : -"}
    statistics = counted(logged(**several))
    servers = statistics.per_server()
    assert {key: (one.total, one.errors, one.p50_ms) for key, one in servers.items()} == {
        "10.0.0.1:80": (1, 1, 0.0),
        "[::1]:80": (1, 1, pytest.approx(2000, rel=0.03)),
        "unix:/b": (1, 0, None),
    }
    assert (statistics.total().total, statistics.total().errors) == (1, 0)


@pytest.mark.parametrize(
    ("status", "errors"), [("200", 0), ("404", 0), ("499", 0), ("-", 0), ("500", 1), ("502", 1), ("504", 1), ("000", 1)]
)
def test_what_is_an_error(status: str, errors: int) -> None:
    assert counted(logged(statuses=status)).per_server()["10.0.0.1:80"].errors == errors


def test_no_server_is_one_that_was_not_asked() -> None:
    statistics = counted(logged(addresses="", statuses="", times=""), logged(addresses="app", statuses="502"))
    assert statistics.per_server() == {}
    assert statistics.total().total == 2


def test_requests_per_second_slide() -> None:
    clock = Clock()
    statistics = Statistics(clock)
    for _ in range(20):
        for _ in range(30):
            statistics.feed(logged())
        clock.now += 1
    clock.now -= 0.5
    assert statistics.total().requests_per_second == pytest.approx(30, rel=0.06)
    clock.now += 5
    assert statistics.total().requests_per_second == pytest.approx(15, rel=0.1)
    clock.now += 6
    figures = statistics.total()
    assert (figures.requests_per_second, figures.p50_ms, figures.total) == (0.0, None, 600)


def test_soon_after_the_start_nothing_is_made_too_small() -> None:
    clock = Clock()
    statistics = Statistics(clock)
    for _ in range(20):
        statistics.feed(logged())
    clock.now += 2
    assert statistics.total().requests_per_second == 10


@given(st.lists(st.integers(0, 3_600_000), min_size=1, max_size=200))
def test_quantiles_are_within_3_percent(times: list[int]) -> None:
    figures = counted(*(logged(time=f"{one / 1000:.3f}") for one in times)).total()
    ordered = sorted(times)
    assert figures.p50_ms == pytest.approx(ordered[(len(times) + 1) // 2 - 1], rel=0.03, abs=0.5)
    assert figures.p99_ms == pytest.approx(ordered[-(-99 * len(times) // 100) - 1], rel=0.03, abs=0.5)


@given(st.binary() | st.builds(lambda data, at: data[:at], st.just(logged()), st.integers(0, 150)))
def test_garbage_and_halves_are_only_counted(datagram: bytes) -> None:
    statistics = counted(datagram)
    assert statistics.unreadable == 1
    assert statistics.total().total == 0


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "9" * 400, "x", "", "²", None, [], {}, 1])
@pytest.mark.parametrize("key", ["status", "time", "sent", "addresses", "statuses", "times"])
def test_odd_values_do_no_harm(key: str, value: Any) -> None:
    statistics = counted(logged(**{key: value}))
    assert statistics.total().total + statistics.unreadable == 1
    statistics.per_server()


def test_memory_is_bounded() -> None:
    statistics = Statistics(Clock())
    for number in range(5000):
        statistics.feed(logged(addresses=f"10.0.{number // 250}.{number % 250}:80"))
    assert len(statistics.per_server()) == 4096


async def received(folder: Path, send: Any, count: int) -> Statistics:
    """What is counted of what is sent to the socket, once that many have come."""
    statistics = Statistics()
    path = folder / "requests.sock"
    path.write_text("left by one that was killed")
    receiver = Receiver(path, statistics.feed)
    receiver.open()
    try:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        async with asyncio.timeout(20):
            sending = asyncio.create_task(asyncio.to_thread(send, path))
            while statistics.total().total + statistics.unreadable < count:
                await asyncio.sleep(0.01)
            await sending
    finally:
        receiver.close()
        receiver.close()
    assert not path.exists()
    return statistics


def test_datagrams_are_received(tmp_path: Path) -> None:
    def send(path: Path) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            for datagram in (logged(), b"", b"\xff" * 2000, logged(status="500")):
                sender.sendto(datagram, str(path))

    statistics = asyncio.run(received(tmp_path, send, 4))
    assert (statistics.total().total, statistics.total().errors, statistics.unreadable) == (2, 1, 2)


def test_a_socket_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be made"):
        asyncio.run(received_nowhere(tmp_path / ("x" * 120)))


async def received_nowhere(path: Path) -> None:
    Receiver(path, Statistics().feed).open()


CONFIG = """
worker_processes 1;
events {}
http {
    log_format NAME escape=json 'FORMAT';
    access_log syslog:server=unix:SOCKET,nohostname,tag=nginxgen NAME;
    upstream app { server 127.0.0.1:DOWN max_fails=0; server 127.0.0.1:UP backup; }
    upstream none { server 127.0.0.1:DOWN; server 127.0.0.1:DOWN; }
    server {
        listen 127.0.0.1:PORT;
        location / { proxy_pass http://app; }
        location /none { proxy_pass http://none; }
        location /own { return 204; }
    }
}
"""


@pytest.mark.nginx
def test_a_real_nginx_logs_in_the_format(nginx: NginxBinary, tmp_path: Path) -> None:
    port, down = free_port(), free_port()
    with recording_backend() as backend:
        values = {"NAME": LOG_FORMAT_NAME, "FORMAT": LOG_FORMAT, "DOWN": down, "UP": backend.port, "PORT": port}

        def ask(path: Path) -> None:
            text = CONFIG
            for key, value in {**values, "SOCKET": path}.items():
                text = text.replace(key, str(value))
            with running_nginx(nginx, text, port) as folder, Client(port) as client:
                for _ in range(3):
                    assert client.get("/", {"User-Agent": 'a"b\\'}).status == 200
                assert client.get("/none").status == 502
                assert client.get("/own").status == 204
                assert "syslog" not in written(folder / "error.log")

        statistics = asyncio.run(received(tmp_path, ask, 5))
    servers = statistics.per_server()
    assert statistics.unreadable == 0
    assert (statistics.total().total, statistics.total().errors) == (5, 1)
    assert statistics.total().p50_ms is not None
    up, dead = servers[f"127.0.0.1:{backend.port}"], servers[f"127.0.0.1:{down}"]
    assert (up.total, up.errors) == (3, 0)
    assert dead.total == dead.errors == 5
    assert os.listdir(tmp_path) == []


def test_of_a_flood_of_requests_the_first_are_told_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Traffic, "SPAN", 0.01)
    request = read_request(logged())
    assert request is not None

    async def flood() -> list[str]:
        told: list[str] = []
        summed_up = asyncio.Event()

        def tell(line: str) -> None:
            told.append(line)
            if "more" in line:
                summed_up.set()

        traffic = Traffic(tell)
        for _ in range(1021):
            traffic.tell(request)
        await asyncio.wait_for(summed_up.wait(), DEADLINE)
        traffic.tell(request)
        return told

    line = str(request)
    assert asyncio.run(flood()) == [*[line] * 20, "… and 1,001 more requests within a second", line]
