"""Backends over FastCGI, uwsgi and gRPC: whole and unforged parameters, as over HTTP."""

from __future__ import annotations

import pytest

from support.gateways import Told, fastcgi_backend, uwsgi_backend
from support.running import Recorded, free_port, recording_backend, running_nginx
from support.site import Site, fill

pytestmark = pytest.mark.nginx

PHP = """
[http]
PROXIES
[upstream.php]
servers = ["127.0.0.1:BACKEND"]
[[server]]
listen = ["127.0.0.1:PORT"]
server_name = ["shop.example"]
root = "/srv/shop"
index = ["index.php"]
fastcgi_param = { APP_ENV = "production" }
[[server.location]]
path = "/"
try_files = ["$uri", "/index.php$is_args$args"]
[[server.location]]
path = '~ \\.php$'
fastcgi_pass = "php"
fastcgi_param = { APP_MODE = "x", REMOTE_USER = { value = "$remote_user", if_not_empty = true } }
"""
UWSGI = """
[http]
PROXIES
[upstream.python]
servers = ["127.0.0.1:BACKEND"]
[[server]]
listen = ["127.0.0.1:PORT"]
server_name = ["shop.example"]
root = "/srv/shop"
uwsgi_param = { APP_ENV = "production" }
[[server.location]]
path = "/"
uwsgi_pass = "python"
uwsgi_param = { APP_MODE = "x" }
"""
TRUSTING = 'trusted_proxies = ["127.0.0.9"]'
REQUEST = {"Proxy": "http://evil.example", "Content-Type": "text/plain", "User-Agent": "a"}
FORGED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "444",
    "X-Forwarded-Scheme": "https",
    "X-Forwarded-Ssl": "on",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Server": "evil.example",
    "X-Real-IP": "203.0.113.7",
    "Forwarded": "for=203.0.113.7",
    "Proxy": "http://evil.example",
}
COMMON = {
    "QUERY_STRING": "a=b%20c",
    "REQUEST_METHOD": "POST",
    "CONTENT_TYPE": "text/plain",
    "CONTENT_LENGTH": "4",
    "REQUEST_URI": "/cart.php?a=b%20c",
    "DOCUMENT_ROOT": "/srv/shop",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "REMOTE_ADDR": "127.0.0.2",
    "SERVER_NAME": "shop.example",
    "HTTP_HOST": "localhost:PORT",
    "HTTP_USER_AGENT": "a",
    "REQUEST_SCHEME": "http",
    "APP_ENV": "production",
    "APP_MODE": "x",
}


def told(site: Site, toml: str, source: str, headers: dict[str, str], proxies: str = "") -> Told:
    """What a backend is told of a POST to a script."""
    backend = fastcgi_backend() if "fastcgi" in toml else uwsgi_backend()
    with backend as gateway, site.serve(toml, BACKEND=gateway.port, PROXIES=proxies) as served:
        with served.client(source) as client:
            client.send("/cart.php?a=b%20c", headers, "POST", b"body")
            answer = client.read()
        assert (answer.status, answer.body) == (200, b"ok")
        return gateway.requests[-1].with_port(served.port)


@pytest.mark.parametrize(
    ("toml", "own"),
    [
        (
            PHP,
            {
                "SCRIPT_FILENAME": "/srv/shop/cart.php",
                "SCRIPT_NAME": "/cart.php",
                "DOCUMENT_URI": "/cart.php",
                "GATEWAY_INTERFACE": "CGI/1.1",
                "REDIRECT_STATUS": "200",
                "SERVER_ADDR": "127.0.0.1",
            },
        ),
        (UWSGI, {"PATH_INFO": "/cart.php"}),
    ],
)
def test_a_backend_gets_its_whole_set(site: Site, toml: str, own: dict[str, str]) -> None:
    got = told(site, toml, "127.0.0.2", REQUEST)
    wanted = COMMON | own
    assert {name: got.get(name) for name in wanted} == {name: [value] for name, value in wanted.items()}
    assert got.body == b"body"
    assert not got.get("HTTPS")


@pytest.mark.parametrize("toml", [PHP, UWSGI])
def test_a_clients_proxy_header_reaches_no_program(site: Site, toml: str) -> None:
    # nginx leaves out an empty parameter named after a header, and then the header too.
    assert told(site, toml, "127.0.0.2", REQUEST).get("HTTP_PROXY") == []


@pytest.mark.parametrize("toml", [PHP, UWSGI])
def test_what_a_client_claims_of_itself_reaches_no_program(site: Site, toml: str) -> None:
    got = told(site, toml, "127.0.0.2", {**REQUEST, **FORGED})
    parameters = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in FORGED.items()}
    assert {name: got.get(name) for name, value in parameters.items() if value in got.get(name)} == {}


@pytest.mark.parametrize("toml", [PHP, UWSGI])
def test_https_is_what_a_trusted_proxy_says(site: Site, toml: str) -> None:
    said = {**REQUEST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    trusted = told(site, toml, "127.0.0.9", said, TRUSTING)
    assert (trusted.get("HTTPS"), trusted.get("REQUEST_SCHEME")) == (["on"], ["https"])
    assert trusted.get("REMOTE_ADDR") == ["203.0.113.7"]
    for stranger in (told(site, toml, "127.0.0.2", said, TRUSTING), told(site, toml, "127.0.0.9", said)):
        assert (stranger.get("HTTPS"), stranger.get("REQUEST_SCHEME")) == ([], ["http"])
        assert stranger.get("REMOTE_ADDR") != ["203.0.113.7"]


@pytest.mark.parametrize(("said", "connections"), [("", 20), ("fastcgi_keep_conn = true\n", 1)])
def test_connections_to_php_are_kept_when_it_is_said(said: str, connections: int, site: Site) -> None:
    """A process of php-fpm serves one connection: kept ones that are idle would shut others out."""
    toml = "[nginx]\nworker_processes = 1\n" + PHP.replace("fastcgi_pass", f"{said}fastcgi_pass")
    with fastcgi_backend() as gateway, site.serve(toml, BACKEND=gateway.port, PROXIES="") as served:
        for _ in range(20):
            assert served.get("/index.php").status == 200
        assert len(gateway.requests) == 20
        assert gateway.connections == connections


def test_what_is_no_file_goes_to_the_front_controller(site: Site) -> None:
    with fastcgi_backend() as gateway, site.serve(PHP, BACKEND=gateway.port, PROXIES="") as served:
        assert served.get("/no/such?q=1").status == 200
        assert gateway.requests[0].get("SCRIPT_FILENAME") == ["/srv/shop/index.php"]
        assert gateway.requests[0].get("REQUEST_URI") == ["/no/such?q=1"]
        assert gateway.requests[0].get("QUERY_STRING") == ["q=1"]


GRPC = """
[http]
PROXIES
[upstream.calls]
servers = ["127.0.0.1:BACKEND"]
[[server]]
listen = ["127.0.0.1:PORT"]
grpc_set_header = { X-From-Server = "server" }
[[server.location]]
path = "/"
grpc_pass = "grpc://calls"
grpc_set_header = { X-From-Location = "location" }
"""
# A second nginx takes HTTP/2 and hands it to the recording backend.
TRANSLATOR = """
events {}
http {
    server {
        listen 127.0.0.1:PORT HTTP;
        location / {
            proxy_pass http://127.0.0.1:BACKEND;
            proxy_set_header X-Protocol $server_protocol;
            proxy_set_header X-Authority $http_host;
        }
    }
}
"""


def called(site: Site, source: str) -> Recorded:
    """What a gRPC backend is told of a request that claims a lot."""
    port = free_port()
    http = "; http2 on" if site.nginx.target.has("http2", "server") else "http2"
    with recording_backend() as backend:
        translator = fill(TRANSLATOR, PORT=port, BACKEND=backend.port, HTTP=http)
        with running_nginx(site.nginx, translator, port), site.serve(GRPC, BACKEND=port, PROXIES=TRUSTING) as served:
            assert served.get("/pkg.Service/Call", FORGED, source).status == 200
        return backend.requests[-1].with_port(served.port)


@pytest.mark.parametrize(
    ("source", "address", "proto"), [("127.0.0.2", "127.0.0.2", "http"), ("127.0.0.9", "203.0.113.7", "https")]
)
def test_a_grpc_backend_gets_its_whole_set(site: Site, source: str, address: str, proto: str) -> None:
    request = called(site, source)
    assert request.line.startswith("GET /pkg.Service/Call ")
    assert request.get("X-Protocol") == ["HTTP/2.0"]
    assert request.get("X-Authority") == ["localhost:PORT"]
    got = {name: request.get(name) for name in ("X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto")}
    assert got == {"X-Real-IP": [address], "X-Forwarded-For": [address], "X-Forwarded-Proto": [proto]}
    assert (request.get("X-From-Server"), request.get("X-From-Location")) == (["server"], ["location"])


def test_what_a_client_claims_of_itself_reaches_no_grpc_backend(site: Site) -> None:
    request = called(site, "127.0.0.2")
    assert {name: request.get(name) for name, value in FORGED.items() if value in request.get(name)} == {}
