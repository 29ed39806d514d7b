"""Who may come in: by address, by password, by rate; and that one rule more does not lose the others."""

from __future__ import annotations

import base64
import hashlib

import pytest

from support.running import wait_until
from support.site import Site

pytestmark = pytest.mark.nginx

BY_ADDRESS = """
[[server]]
listen = ["127.0.0.1:PORT"]
root = "html"
[[server.location]]
path = "/allowed"
allow = ["127.0.0.2", "127.0.1.0/24"]
[[server.location]]
path = "/denied"
deny = ["127.0.0.2", "127.0.1.0/24"]
[[server.location]]
path = "/ordered"
access = [{ deny = "127.0.0.2" }, { allow = "127.0.0.0/24" }, { deny = "all" }]
"""
COMES_IN = {
    "/allowed": {"127.0.0.2": True, "127.0.1.9": True, "127.0.0.3": False},
    "/denied": {"127.0.0.2": False, "127.0.1.9": False, "127.0.0.3": True},
    "/ordered": {"127.0.0.2": False, "127.0.0.3": True, "127.0.1.9": False},
}


@pytest.mark.parametrize("path", COMES_IN)
def test_addresses_are_let_in_and_kept_out(site: Site, path: str) -> None:
    with site.serve(BY_ADDRESS) as served:
        for source, comes_in in COMES_IN[path].items():
            assert served.get(path, source=source).status == (404 if comes_in else 403)


BY_PASSWORD = """
[http]
satisfy = "SATISFY"
[[server]]
listen = ["127.0.0.1:PORT"]
root = "html"
auth_basic = "the inner rooms; } #"
auth_basic_user_file = "FOLDER/accounts"
[[server.location]]
path = "/"
allow = ["127.0.0.2"]
[[server.location]]
path = "/open"
auth_basic = false
"""


def credentials(account: str, password: str) -> dict[str, str]:
    """The header that a browser sends."""
    return {"Authorization": "Basic " + base64.b64encode(f"{account}:{password}".encode()).decode()}


@pytest.mark.parametrize("satisfy", ["all", "any"])
def test_a_password_is_asked_for_beside_or_instead_of_an_address(site: Site, satisfy: str) -> None:
    digest = base64.b64encode(hashlib.sha1(b"secret").digest()).decode()
    accounts = site.folder / "accounts"
    accounts.write_text(f"me:{{SHA}}{digest}\n")
    good, bad = credentials("me", "secret"), credentials("me", "wrong")
    with site.serve(BY_PASSWORD, FOLDER=site.folder, SATISFY=satisfy) as served:
        from_inside = [served.get("/", headers, "127.0.0.2").status for headers in (None, bad, good)]
        from_outside = [served.get("/", headers, "127.0.0.3").status for headers in (None, bad, good)]
        if satisfy == "all":
            assert (from_inside, from_outside) == ([401, 401, 404], [403, 403, 403])
        else:
            assert (from_inside, from_outside) == ([404, 404, 404], [401, 401, 404])
            assert served.get("/").get("WWW-Authenticate") == ['Basic realm="the inner rooms; } #"']
        assert served.get("/open").status == 404


BY_RATE = """
[http]
limit_req_zone = [{ key = "$binary_remote_addr", zone = "clients:1m", rate = "1r/m" }]
limit_conn_zone = [{ key = "$binary_remote_addr", zone = "connections:1m" }]
limit_req_status = 429
[[server]]
listen = ["127.0.0.1:PORT"]
root = "html"
[[server.location]]
path = "/"
limit_req = [{ zone = "clients", burst = 2, nodelay = true }]
[[server.location]]
path = "/slow"
limit_conn = [["connections", 1]]
limit_rate = "100k"
limit_conn_status = 429
"""


def test_requests_above_the_rate_are_refused_for_each_client(site: Site) -> None:
    with site.serve(BY_RATE) as served:
        assert [served.get().status for _ in range(5)] == [404, 404, 404, 429, 429]
        assert served.get(source="127.0.0.2").status == 404


def test_connections_above_the_limit_are_refused_for_each_client(site: Site) -> None:
    with site.serve(BY_RATE) as served, served.client() as client:
        (served.folder / "html").mkdir()
        (served.folder / "html" / "slow").write_text("x" * 5_000_000)
        client.send("/slow")
        assert client.stream.readline() == b"HTTP/1.1 200 OK\r\n"
        assert served.get("/slow").status == 429
        client.__exit__()
        wait_until(lambda: served.get("/slow", {"Range": "bytes=0-0"}).status == 206, "the client is forgotten")


BEHIND_A_QUESTION = """
[upstream.app]
servers = ["127.0.0.1:BACKEND"]
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "/"
upstream = "app"
auth_request = "/may"
auth_request_set = { "$account" = "$upstream_http_x_account" }
proxy_set_header = { X-Account = "$account" }
[[server.location]]
path = "= /may"
internal = true
return = CODE
"""


@pytest.mark.parametrize(("code", "status", "asked"), [(204, 200, 1), (401, 401, 0), (403, 403, 0)])
def test_another_location_may_be_asked(site: Site, code: int, status: int, asked: int) -> None:
    with site.before_backend(BEHIND_A_QUESTION, CODE=code) as (served, backend):
        assert served.get("/", {"X-Account": "forged"}).status == status
        assert len(backend.requests) == asked
        assert all(one.get("X-Account") == [] for one in backend.requests)
        assert served.get("/may").status == 404
