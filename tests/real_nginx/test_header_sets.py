"""Headers are whole: nginx drops every inherited one where a level has its own; the rendered text does not."""

from __future__ import annotations

import pytest

from support.site import Site

pytestmark = pytest.mark.nginx

ONE_AT_EACH_LEVEL = """
[http]
proxy_set_header = { X-From-Http = "http", X-Everywhere = "http" }
add_header = { X-Answer-Http = "http", X-Answer = "http" }
[upstream.app]
servers = ["127.0.0.1:BACKEND"]
[[server]]
listen = ["127.0.0.1:PORT"]
proxy_set_header = { X-From-Server = "server", x-everywhere = "server" }
add_header = { X-Answer-Server = "server", x-answer = "server" }
[[server.location]]
path = "/"
upstream = "app"
proxy_set_header = { X-From-Location = "location", X-EVERYWHERE = "location" }
add_header = { X-Answer-Location = "location", X-ANSWER = "location" }
[[server.location.location]]
path = "/nested"
upstream = "app"
proxy_set_header = { X-From-Nested = "nested" }
add_header = { X-Answer-Nested = "nested" }
[[server.location]]
path = "/plain"
upstream = "app"
[[server.location]]
path = "/socket"
upstream = "app"
websocket = true
proxy_set_header = { X-From-Location = "socket" }
[[server.location]]
path = "= /missing"
return = 404
add_header = { X-Answer-Missing = "missing" }
"""
WHOLE = {
    "X-Real-IP": "127.0.0.1",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Proto": "http",
}
LEVELS = {
    "/": {"X-From-Http": "http", "X-From-Server": "server", "X-From-Location": "location", "X-Everywhere": "location"},
    "/nested": {
        "X-From-Http": "http",
        "X-From-Server": "server",
        "X-From-Location": "location",
        "X-From-Nested": "nested",
        "X-Everywhere": "location",
    },
    "/plain": {"X-From-Http": "http", "X-From-Server": "server", "X-Everywhere": "server"},
    "/socket": {"X-From-Http": "http", "X-From-Server": "server", "X-From-Location": "socket"},
}


@pytest.mark.parametrize("path", LEVELS)
def test_a_backend_gets_every_levels_headers_and_no_other(site: Site, path: str) -> None:
    with site.before_backend(ONE_AT_EACH_LEVEL) as (served, backend):
        assert served.get(path).status == 200
        got = {name.lower(): value for name, value in backend.requests[-1].headers}
        host = f"localhost:{served.port}"
        wanted = {**WHOLE, "Host": host, "X-Forwarded-Host": host, "X-Forwarded-Port": str(served.port)}
        wanted |= {"X-Everywhere": "server", **LEVELS[path]}
        assert len(got) == len(backend.requests[-1].headers), "a header came twice"
        assert got == {name.lower(): value for name, value in wanted.items()}


def test_what_a_client_sends_beside_them_arrives_as_it_was(site: Site) -> None:
    sent = {
        "User-Agent": "a b",
        "Accept": "*/*",
        "Cookie": "a=1; b=2",
        "Authorization": "Basic eDp5",
        "X-Own": "\xe9 ä",
    }
    request = site.received(ONE_AT_EACH_LEVEL, "/a%20b?q=%2F&r", sent)
    assert request.line == "GET /a%20b?q=%2F&r HTTP/1.1"
    assert {name: request.get(name) for name in sent} == {name: [value] for name, value in sent.items()}


ANSWERS = {
    "/": ["http", "server", "location", None],
    "/nested": ["http", "server", "location", "nested"],
    "/plain": ["http", "server", None, None],
    "/socket": ["http", "server", None, None],
}


@pytest.mark.parametrize("path", ANSWERS)
def test_answers_have_every_levels_headers(site: Site, path: str) -> None:
    with site.before_backend(ONE_AT_EACH_LEVEL) as (served, _):
        answer = served.get(path)
        for level, value in zip(("Http", "Server", "Location", "Nested"), ANSWERS[path], strict=True):
            assert answer.get(f"X-Answer-{level}") == ([value] if value else [])
        assert answer.get("X-Answer") == ["location" if path in ("/", "/nested") else "server"]


def test_errors_have_them_too(site: Site) -> None:
    with site.before_backend(ONE_AT_EACH_LEVEL) as (served, _):
        answer = served.get("/missing")
        assert answer.status == 404
        assert answer.get("X-Answer-Http") == ["http"]
        assert answer.get("X-Answer-Server") == ["server"]
        assert answer.get("X-Answer-Missing") == ["missing"]


WITH_GOOD_ANSWERS_ONLY = """
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "= /good"
return = 204
add_header = { X-Good = { value = "1", always = false } }
[[server.location]]
path = "/"
return = 404
add_header = { X-Good = { value = "1", always = false }, X-Both = "1" }
"""


def test_a_header_may_be_for_good_answers_only(site: Site) -> None:
    with site.serve(WITH_GOOD_ANSWERS_ONLY) as served:
        assert served.get("/good").get("X-Good") == ["1"]
        bad = served.get("/")
        assert (bad.get("X-Good"), bad.get("X-Both")) == ([], ["1"])


SAID_IN_HTTP_AND_SERVER_ONLY = """
[http]
add_header = { X-Answer-Http = "http" }
[[server]]
listen = ["127.0.0.1:PORT"]
return = 503
[[server]]
listen = ["127.0.0.1:PORT"]
server_name = ["two.example"]
add_header = { X-Answer-Server = "server" }
return = 503
"""


def test_errors_have_the_outer_levels_headers_where_no_location_says_one(site: Site) -> None:
    with site.serve(SAID_IN_HTTP_AND_SERVER_ONLY) as served:
        assert served.get("/").get("X-Answer-Http") == ["http"]
        answer = served.get("/", {"Host": "two.example"})
        assert (answer.get("X-Answer-Http"), answer.get("X-Answer-Server")) == (["http"], ["server"])
