"""Client facts cannot be forged: what a client says of itself counts only when it comes from a trusted network."""

from __future__ import annotations

import socket

import pytest

from support.site import Site

pytestmark = pytest.mark.nginx

NOBODY_TRUSTED = """
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
TRUSTED = '[http]\ntrusted_proxies = ["127.0.0.8/29"]\n' + NOBODY_TRUSTED
TRUSTED_PROXY, NEXT_TRUSTED_PROXY, STRANGER = "127.0.0.9", "127.0.0.10", "127.0.0.2"
FORGED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "444",
    "X-Real-IP": "203.0.113.7",
    "Forwarded": "for=203.0.113.7;proto=https",
    "Proxy": "http://evil.example",
}


def facts(site: Site, toml: str, source: str, headers: dict[str, str], path: str = "/") -> dict[str, list[str]]:
    """What a backend is told of a client."""
    with site.before_backend(toml) as (served, backend):
        assert served.get(path, headers, source).status == 200
        request = backend.requests[-1].with_port(served.port)
        return {name: request.get(name) for name in (*FORGED, "Host")}


def true_facts(client: str) -> dict[str, list[str]]:
    """What is true of a client that was not vouched for."""
    return {
        "X-Forwarded-For": [client],
        "X-Forwarded-Proto": ["http"],
        "X-Forwarded-Host": ["localhost:PORT"],
        "X-Forwarded-Port": ["PORT"],
        "X-Real-IP": [client],
        "Forwarded": [],
        "Proxy": [],
        "Host": ["localhost:PORT"],
    }


@pytest.mark.parametrize("path", ["/", "/socket"])
def test_what_a_client_claims_does_not_reach_the_backend(site: Site, path: str) -> None:
    assert facts(site, NOBODY_TRUSTED, STRANGER, FORGED, path) == true_facts(STRANGER)


def test_claims_in_odd_spellings_do_not_either(site: Site) -> None:
    odd = {name.upper(): value for name, value in FORGED.items()}
    assert facts(site, NOBODY_TRUSTED, STRANGER, odd) == true_facts(STRANGER)
    with site.before_backend(NOBODY_TRUSTED) as (served, backend):
        assert served.get("/", {name.replace("-", "_"): value for name, value in FORGED.items()}).status == 200
        assert not [name for name, _ in backend.requests[-1].headers if "_" in name]


# Prefix: Spring, Werkzeug, ASP.NET. Ssl and Scheme: Rack. Server: Java servers.
RARER = {f"X-Forwarded-{name}": f"said-{name}" for name in ("Server", "Prefix", "Ssl", "Scheme")}


@pytest.mark.parametrize(("toml", "source"), [(NOBODY_TRUSTED, None), (TRUSTED, STRANGER), (TRUSTED, TRUSTED_PROXY)])
def test_the_rarer_claims_that_frameworks_obey_do_not_either(site: Site, toml: str, source: str | None) -> None:
    with site.before_backend(toml) as (served, backend):
        assert served.get("/", RARER, source).status == 200
        request = backend.requests[-1]
    believed = source == TRUSTED_PROXY
    assert {name: request.get(name) for name in RARER} == {
        name: [value] if believed else [] for name, value in RARER.items()
    }


def test_a_trusted_proxy_is_believed(site: Site) -> None:
    said = {name: value for name, value in FORGED.items() if name.startswith("X-Forwarded")}
    got = facts(site, TRUSTED, TRUSTED_PROXY, said)
    assert got == {name: [value] for name, value in said.items()} | {
        "X-Real-IP": ["203.0.113.7"],
        "Forwarded": [],
        "Proxy": [],
        "Host": ["localhost:PORT"],
    }


def test_a_stranger_is_not_believed_though_others_are_trusted(site: Site) -> None:
    assert facts(site, TRUSTED, STRANGER, FORGED) == true_facts(STRANGER)


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        (f"203.0.113.7, {NEXT_TRUSTED_PROXY}", "203.0.113.7"),
        (f"198.51.100.1, 203.0.113.7, {NEXT_TRUSTED_PROXY}, {TRUSTED_PROXY}", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
    ],
)
def test_a_chain_is_followed_back_to_the_first_address_that_nobody_vouches_for(
    site: Site, chain: str, client: str
) -> None:
    got = facts(site, TRUSTED, TRUSTED_PROXY, {"X-Forwarded-For": chain})
    assert (got["X-Forwarded-For"], got["X-Real-IP"]) == ([client], [client])


def test_what_a_trusted_proxy_leaves_out_or_garbles_is_filled_in(site: Site) -> None:
    assert facts(site, TRUSTED, TRUSTED_PROXY, {}) == true_facts(TRUSTED_PROXY)
    garbled = {"X-Forwarded-Proto": "javascript", "X-Forwarded-Port": "x", "X-Forwarded-For": "unknown"}
    assert facts(site, TRUSTED, TRUSTED_PROXY, garbled) == true_facts(TRUSTED_PROXY)


def test_the_host_is_the_one_that_nginx_checked(site: Site) -> None:
    with site.before_backend(NOBODY_TRUSTED) as (served, backend), served.client() as client:
        asked = f"http://Real.Example:{served.port}/path"
        assert client.get(asked, {"Host": f"evil.example:{served.port}"}).status in (200, 400)
        for request in backend.requests:
            assert request.line == "GET /path HTTP/1.1"
            assert request.get("Host") == [f"real.example:{served.port}"]


def test_another_port_in_the_host_is_kept_where_nginx_can_tell_it(site: Site) -> None:
    with site.before_backend(NOBODY_TRUSTED) as (served, backend):
        for asked in ("Site.Example:8443", "Site.Example"):
            assert served.get("/", {"Host": asked}).status == 200
            # Before 1.29.3 it is the port that nginx listens on, whatever the client said.
            told = asked.lower() if site.target.lowest >= (1, 29, 3) else f"site.example:{served.port}"
            request = backend.requests[-1]
            assert (request.get("Host"), request.get("X-Forwarded-Host")) == ([told], [told])


TRUSTED_SOCKET = '[http]\ntrusted_proxies = ["unix:"]\n' + NOBODY_TRUSTED.replace(
    "listen = [", 'listen = ["unix:FOLDER/front.sock", '
)


def test_a_proxy_on_a_socket_file_can_be_trusted(site: Site) -> None:
    said = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    head = "GET / HTTP/1.1\r\nHost: localhost\r\n" + "".join(f"{key}: {value}\r\n" for key, value in said.items())
    with site.before_backend(TRUSTED_SOCKET, FOLDER=site.folder) as (served, backend):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(site.folder / "front.sock"))
            client.sendall(f"{head}\r\n".encode())
            assert client.recv(15) == b"HTTP/1.1 200 OK"
        served.get("/", said)
        trusted, stranger = backend.requests
    assert (trusted.get("X-Forwarded-For"), trusted.get("X-Forwarded-Proto")) == (["203.0.113.7"], ["https"])
    assert (stranger.get("X-Forwarded-For"), stranger.get("X-Forwarded-Proto")) == (["127.0.0.1"], ["http"])


SERVER_RULE = """
[http]
trusted_proxies = ["127.0.0.8/29"]
[[server]]
listen = ["127.0.0.1:PORT"]
allow = ["203.0.113.7"]
return = [200, "$remote_addr"]
"""


def test_nginx_itself_goes_by_the_same_address(site: Site) -> None:
    # "return" comes before access rules in nginx, so that it shows the address alone.
    with site.serve(SERVER_RULE) as served:
        claim = {"X-Forwarded-For": "203.0.113.7"}
        assert served.get("/", claim, TRUSTED_PROXY).body == b"203.0.113.7"
        assert served.get("/", claim, STRANGER).body == STRANGER.encode()
