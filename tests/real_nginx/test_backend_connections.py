"""Connections to backends: kept with HTTP/1.1, also beside WebSockets; and only WebSockets are let through."""

from __future__ import annotations

import pytest

from support.running import Client, Recorded
from support.site import Site

pytestmark = pytest.mark.nginx

ORDINARY_AND_WEBSOCKET = """
[nginx]
worker_processes = 1
[upstream.app]
servers = ["127.0.0.1:BACKEND"]
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "/"
upstream = "app"
[[server.location]]
path = "/socket"
upstream = "app"
websocket = true
"""
UPGRADE = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"}
H2C = {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AAMAAABkAAQCAAAAAAIAAAAA"}


def is_kept(request: Recorded) -> bool:
    """Whether a backend is asked to keep the connection: by HTTP/1.1's default, nothing being said against it."""
    return request.line.endswith(" HTTP/1.1") and not request.get("Connection") and not request.get("Keep-Alive")


@pytest.mark.parametrize("path", ["/", "/socket"])
def test_ordinary_requests_come_over_kept_connections_of_http_1_1(site: Site, path: str) -> None:
    request = site.received(ORDINARY_AND_WEBSOCKET, path)
    assert request.line == f"GET {path} HTTP/1.1"
    assert is_kept(request)
    assert not request.get("Upgrade")


def test_what_a_client_says_of_its_connection_is_not_passed_on(site: Site) -> None:
    claims = {"Connection": "close, X-Real-IP", "Keep-Alive": "timeout=1", "TE": "trailers"}
    for path in ("/", "/socket"):
        request = site.received(ORDINARY_AND_WEBSOCKET, path, claims)
        assert is_kept(request)
        assert request.get("X-Real-IP") == ["127.0.0.1"]
        assert not request.get("TE")


def test_many_requests_share_a_connection_also_with_the_websocket_location_in_between(site: Site) -> None:
    with site.before_backend(ORDINARY_AND_WEBSOCKET) as (served, backend):
        for number in range(60):
            assert served.get("/socket" if number % 3 else "/").status == 200
        assert len(backend.requests) == 60
        # nginx 1.29.7 and later keep a connection for each location, earlier ones for each group.
        assert backend.connections <= 2


def test_a_websocket_between_them_costs_ordinary_requests_nothing(site: Site) -> None:
    with site.before_backend(ORDINARY_AND_WEBSOCKET) as (served, backend), served.client() as socket:
        open_websocket(socket)
        for _ in range(20):
            assert served.get("/").status == 200
        websocket, *ordinary = backend.requests
        assert len(ordinary) == 20
        assert all(map(is_kept, ordinary))
        assert websocket.connection not in {one.connection for one in ordinary}
        assert len({one.connection for one in ordinary}) == 1


def test_defaults_of_nginx_open_a_connection_for_every_request_before_1_29_7(site: Site) -> None:
    # Shows that the tests above can fail: the same cluster without nginxgen's settings.
    text = 'defaults = "nginx"\n' + ORDINARY_AND_WEBSOCKET.replace("[nginx]", "[nginx]\nevents = {}", 1)
    with site.before_backend(text) as (served, backend):
        for _ in range(5):
            assert served.get("/").status == 200
        keeps = site.nginx.target.lowest >= (1, 29, 7)
        assert backend.connections == (1 if keeps else 5)
        assert all(map(is_kept, backend.requests)) == keeps


def open_websocket(client: Client, word: str = "websocket") -> None:
    """Turn a connection into a WebSocket."""
    answer = client.get("/socket", {**UPGRADE, "Upgrade": word})
    assert answer.status == 101
    assert answer.get("Upgrade") == ["websocket"]


@pytest.mark.parametrize("word", ["websocket", "WebSocket"])
def test_a_websocket_passes_data_both_ways(site: Site, word: str) -> None:
    with site.before_backend(ORDINARY_AND_WEBSOCKET) as (served, backend), served.client() as client:
        open_websocket(client, word)
        for data in (b"\x81\x05hello", bytes(range(256)) * 64, b"\x00"):
            client.socket.sendall(data)
            assert client.stream.read(len(data)) == data
        request = backend.requests[-1]
        assert request.line == "GET /socket HTTP/1.1"
        assert request.get("Upgrade") == ["websocket"]
        assert [value.lower() for value in request.get("Connection")] == ["upgrade"]
        assert request.get("Sec-WebSocket-Version") == ["13"]


def test_a_websocket_needs_a_location_that_says_so(site: Site) -> None:
    request = site.received(ORDINARY_AND_WEBSOCKET, "/", UPGRADE)
    assert is_kept(request)
    assert not request.get("Upgrade")


@pytest.mark.parametrize("path", ["/", "/socket"])
@pytest.mark.parametrize("upgrade", [H2C, {**UPGRADE, "Upgrade": "h2c, websocket"}, {**UPGRADE, "Upgrade": "TLS/1.2"}])
def test_no_other_protocol_gets_through(site: Site, path: str, upgrade: dict[str, str]) -> None:
    request = site.received(ORDINARY_AND_WEBSOCKET, path, upgrade)
    assert is_kept(request)
    assert not request.get("Upgrade")
    assert not request.get("HTTP2-Settings")
