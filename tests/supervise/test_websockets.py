"""WebSockets through what happens to a running system: they go on for as long as somebody said they may."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

from nginxgen.proof.binary import NginxBinary
from support.running import free_port, wait_until
from support.supervised import cluster, supervised
from support.websocket import WebSocket

LATE = 3.0
"""Seconds that a busy machine may add to a time that was said."""


def with_websockets(port: int, timeout: str, **more: str) -> str:
    """A cluster whose location takes WebSockets, and whose old workers of nginx may finish for some time."""
    text = cluster(port, "fd", "{fd}", more='grace = "2s"\nenv = { LINGER = "60" }', **more)
    text = text.replace('upstream = "app"', 'upstream = "app"\nwebsocket = true\nadd_header = { X-Number = "0" }')
    return f'[nginx]\nworker_shutdown_timeout = "{timeout}"\n\n{text}'


def seconds_until_closed(socket: WebSocket, since: float) -> float:
    """Talk until the other end hangs up, and say how long after a moment that was."""
    with contextlib.suppress(OSError):
        wait_until(lambda: not socket.say("still there?"), "the other end hangs up", 30)
    return time.monotonic() - since


def test_reloads_leave_them_until_the_timeout(nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    with supervised(tmp_path, port, with_websockets(port, "3s"), nginx) as up, WebSocket(port) as first:
        pid = first.say("before")
        assert pid in up.pids()
        began = time.monotonic()
        up.edit('X-Number = "0"', 'X-Number = "1"')
        up.wait_for("serves after")
        reloaded = time.monotonic()
        assert first.say("behind a reload") == pid
        with WebSocket(port) as second:
            up.edit('X-Number = "1"', 'X-Number = "2"')
            up.wait_for("serves after", 2)
            assert second.say("behind another") in up.pids()
            assert first.say("behind two") == pid
            again = time.monotonic()
            assert seconds_until_closed(first, began) > 3
            assert time.monotonic() - reloaded < 3 + LATE
            second.say("each has its own time")
            assert seconds_until_closed(second, again) < 3 + LATE
        with WebSocket(port) as third:
            assert third.say("new ones") in up.pids()


def test_a_replaced_worker_keeps_them_until_its_grace_is_over(nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    with supervised(tmp_path, port, with_websockets(port, "1h"), nginx) as up, WebSocket(port) as socket:
        pid = socket.say("before")
        others = set(up.pids()) - {pid}
        restarting = threading.Thread(target=lambda: up.tell("restart", group="app"))
        began = time.monotonic()
        restarting.start()
        assert 2 < seconds_until_closed(socket, began) < 4 + 2 * LATE, "no worker is ended before its grace is over"
        restarting.join(30)
        assert set(up.pids()).isdisjoint({pid, *others})
        with WebSocket(port) as other:
            assert other.say("new ones") in up.pids()
