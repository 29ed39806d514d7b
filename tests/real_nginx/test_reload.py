"""Reloads: what they cost clients that keep their connections, and WebSockets."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from support.load import Load
from support.running import Client, reload, wait_until, workers
from support.site import Served, Site

pytestmark = pytest.mark.nginx

ANSWERS = """
[nginx]
worker_processes = 2
[http]
KEEPALIVE
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "/"
add_header = { X-Worker = "$pid" }
return = [200, "ok"]
"""
WEBSOCKET = """
[upstream.app]
servers = ["127.0.0.1:BACKEND"]
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "/"
upstream = "app"
websocket = true
"""


def waits(site: Site) -> bool:
    """Whether nginx can be told to wait for idle clients: keepalive_min_timeout is in nginx since 1.27.4."""
    return site.target.has("keepalive_min_timeout", "http")


def reload_and_wait(served: Served) -> None:
    """Reload, and wait until the workers of before have ended."""
    before = reload(served.folder)
    wait_until(lambda: not before & workers(served.folder), "the old workers end")


def test_ten_reloads_lose_no_request_of_clients_that_never_retry(site: Site) -> None:
    # Before 1.27.4 nginx closes idle connections under a client's hands, whatever it is told: there, and where the
    # target is any nginx, losing nothing takes keepalive_timeout = 0.
    with site.serve(ANSWERS, KEEPALIVE="" if waits(site) else "keepalive_timeout = 0") as served:
        with Load(served.port, expected=b"ok") as load:
            load.wait_for(20)
            for _ in range(10):
                reload_and_wait(served)
                load.wait_for(20)
        assert load.failed == {}


def is_shutting_down(worker: str) -> bool:
    """Whether a worker has been told to end, or is gone."""
    try:
        return b"shutting down" in Path(f"/proc/{worker}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return True


def answer_after_reload(served: Served) -> tuple[str, float]:
    """What a client that was idle during a reload gets for its next request, and how long it was idle."""
    with served.client() as client:
        worker = client.get().get("X-Worker")[0]
        asked = time.monotonic()
        reload(served.folder)
        wait_until(lambda: is_shutting_down(worker), "the old worker is told to end")
        return answer_or_end(client), time.monotonic() - asked


def answer_or_end(client: Client) -> str:
    """The status of one more answer, or that the connection was closed."""
    try:
        return str(client.get().status)
    except OSError:
        return "closed"


def test_a_client_that_is_idle_during_a_reload_is_answered_where_nginx_can_wait(site: Site) -> None:
    with site.serve(ANSWERS, KEEPALIVE="") as served:
        answers = [answer_after_reload(served) for _ in range(3)]
        if waits(site):
            assert "    keepalive_min_timeout 1s;" in served.text
            assert {answer for answer, idle in answers if idle < 0.9} <= {"200"}
        else:
            assert {answer for answer, _ in answers} <= {"200", "closed"}
            assert "keepalive_min_timeout" not in served.text


def test_a_websocket_outlives_a_reload(site: Site) -> None:
    with site.before_backend(WEBSOCKET) as (served, _), served.client() as client:
        assert client.get("/", {"Upgrade": "websocket", "Connection": "Upgrade"}).status == 101
        before = reload(served.folder)
        wait_until(lambda: all(is_shutting_down(str(one)) for one in before), "the old workers are told to end")
        for data in (b"before", b"after"):
            client.socket.sendall(data)
            assert client.stream.read(len(data)) == data
        assert "worker_shutdown_timeout 1h;" in served.text
