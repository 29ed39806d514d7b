"""Every expectation of a test, right and wrong, on a real nginx: the right one passes, the wrong one is caught."""

from __future__ import annotations

from collections.abc import Callable

from nginxgen.loading import Loaded
from nginxgen.model.test import EXPECTATIONS
from nginxgen.rehearsal.rehearse import Rehearsal
from nginxgen.report import to_text

SITE = """
[http]
trusted_proxies = "127.0.0.9"
limit_req_zone = { key = "$binary_remote_addr", zone = "slow:64k", rate = "1r/m" }

[upstream.cart]
servers = ["10.0.0.1:8080", { address = "cart.internal:8080", weight = 1 }]

[upstream.sticky]
servers = ["10.0.0.1:8080", "unix:/run/sticky.sock"]
balance = { method = "hash", key = "$cookie_user" }

[tls.site]
certificate = "/etc/ssl/site.pem"
certificate_key = "/etc/ssl/site.key"

[[server]]
listen = [80]
server_name = "shop.example.org"
root = "/srv/shop"
add_header = { X-Shop = "open", X-Empty = "$http_nothing" }
error_page = [{ codes = [502], uri = "/sorry.html" }]

[[server.location]]
path = "/cart/"
proxy_pass = "http://cart/"

[[server.location]]
path = "/sticky"
upstream = "sticky"
add_header = { Set-Cookie = "user=$remote_port" }

[[server.location]]
path = "/slow"
upstream = "cart"
limit_req = { zone = "slow", burst = 2, nodelay = true }
limit_req_status = 429

[[server.location]]
path = "/direct/"
proxy_pass = "https://backend.internal/api/"

[[server.location]]
path = "/old"
return = [301, "/new"]

[[server.location]]
path = "= /closed"
return = 444

[[server.location]]
path = "/private/"
auth_basic = "Staff"
auth_basic_user_file = "/etc/nginx/staff"

[[server.location]]
path = "/files/"

[[server]]
listen = [443, "[::]:443", 8443]
server_name = "shop.example.org"
tls = "site"

[[server.location]]
path = "/"
upstream = "cart"

[[server]]
listen = "unix:/run/admin.sock"
server_name = "admin"
return = [200, "admin\\n"]

[[server]]
listen = [{ address = "127.0.0.1:8081", proxy_protocol = true }]
set_real_ip_from = "0.0.0.0/0"
real_ip_header = "proxy_protocol"
[[server.location]]
path = "/"
upstream = "cart"
"""

CASES: dict[str, tuple[str, str, str, str]] = {
    "status": ('request = "http://shop.example.org/nothing"', "status = 404", "status = 200", "expected 200, got 404"),
    "closed": ('request = "http://shop.example.org/closed"', "status = 444", "status = 502", "expected 502, got 444"),
    "redirect": (
        'request = "http://shop.example.org/old"',
        'redirect = "http://shop.example.org/new"',
        'redirect = "http://shop.example.org/old"',
        'expected "http://shop.example.org/old", got "http://shop.example.org/new"',
    ),
    "redirect by a regular expression": (
        'request = "http://shop.example.org/old"',
        'redirect = "~ /new$"',
        'redirect = "~ /old$"',
        'got "http://shop.example.org/new"',
    ),
    "a header of the answer": (
        'request = "http://shop.example.org/cart/"',
        'response_headers = { X-Shop = "open" }',
        'response_headers = { X-Shop = "closed" }',
        'X-Shop: expected "closed", got "open"',
    ),
    "no header of the answer": (
        'request = "http://shop.example.org/cart/"',
        "response_headers = { X-Empty = false }",
        "response_headers = { X-Shop = false }",
        'X-Shop: expected it to be absent, got "open"',
    ),
    "the body": (
        'request = "http://shop.example.org/cart/"\nbackend = { body = "three articles" }',
        'response_body = "three articles"',
        'response_body = "three"',
        'expected "three", got "three articles"',
    ),
    "a word of the body": (
        'request = "http://shop.example.org/cart/"\nbackend = { body = "three articles" }',
        'response_body = "~* ARTICLES"',
        'response_body = "~ ARTICLES"',
        'got "three articles"',
    ),
    "a group": (
        'request = "https://shop.example.org/"',
        'upstream = "cart"',
        'upstream = "sticky"',
        "expected one of sticky, got cart",
    ),
    "no group": (
        'request = "http://shop.example.org/old"',
        "upstream = false",
        'upstream = "cart"',
        "expected one of cart, got none",
    ),
    "a group where none is expected": (
        'request = "https://shop.example.org/"',
        'upstream = "cart"',
        "upstream = false",
        "expected none to be asked, got cart ",
    ),
    "a server": (
        'request = "http://shop.example.org/direct/x"',
        'server = "backend.internal:443"',
        'server = "10.0.0.1:8080"',
        "expected 10.0.0.1:8080, got backend.internal:443",
    ),
    "the request that is passed": (
        'request = "PUT http://shop.example.org/cart/1?x=1"',
        'passed_request = "PUT /1?x=1"',
        'passed_request = "/cart/1?x=1"',
        'expected "/cart/1?x=1", got "/1?x=1"',
    ),
    "a header that is passed": (
        'request = "https://shop.example.org/"',
        'passed_headers = { X-Forwarded-Port = "443", X-Forwarded-Proto = "https", Host = "shop.example.org" }',
        'passed_headers = { X-Forwarded-Port = "80" }',
        'X-Forwarded-Port: expected "80", got "443"',
    ),
    "a header that is not passed": (
        'request = "https://shop.example.org/"\nheaders = { Forwarded = "for=1.2.3.4" }',
        "passed_headers = { Forwarded = false, Nginxgen-Test = false }",
        "passed_headers = { Host = false }",
        'Host: expected it to be absent, got "shop.example.org"',
    ),
    "a port that is not the scheme's": (
        'request = "https://shop.example.org:8443/"',
        'passed_headers = { Host = "shop.example.org:8443", X-Forwarded-Port = "8443" }',
        'passed_headers = { Host = "shop.example.org" }',
        'Host: expected "shop.example.org", got "shop.example.org:8443"',
    ),
    "a backend's name": (
        'request = "http://shop.example.org/direct/x"',
        'passed_request = "GET /api/x"',
        'passed_request = "GET /x"',
        'expected "GET /x", got "GET /api/x"',
    ),
    "a body that is passed": (
        'request = "POST http://shop.example.org/cart/"\nbody = "zwölf"',
        'passed_body = "zwölf"',
        'passed_body = "elf"',
        'expected "elf", got "zwölf"',
    ),
    "nothing is passed": (
        'request = "http://shop.example.org/old"',
        "backend_requests = 0",
        'passed_headers = { Host = "x" }',
        "got no request to a backend",
    ),
    "how many requests reach backends": (
        'request = "http://shop.example.org/cart/"\nbackend = [false, 200]\nstatus = 200',
        "backend_requests = 2",
        "backend_requests = 1",
        "expected 1, got 2",
    ),
    "all backends have died": (
        'request = "http://shop.example.org/cart/"\nbackend = false\nfiles = { "/srv/shop/sorry.html" = "Sorry" }',
        'status = 502\nresponse_body = "Sorry"',
        "status = 503",
        "expected 503, got 502",
    ),
    "an error of the backend": (
        'request = "http://shop.example.org/cart/"\nbackend = { status = 500, headers = { X-Why = "full" } }',
        'status = 500\nresponse_headers = { X-Why = "full" }',
        'response_headers = { X-Why = "empty" }',
        'X-Why: expected "empty", got "full"',
    ),
    "different servers": (
        'request = "https://shop.example.org/"\ntimes = 2',
        "different_servers = 2",
        "different_servers = 1",
        "expected 1, got cart 10.0.0.1:8080, cart cart.internal:8080",
    ),
    "one server for a client": (
        'request = "http://shop.example.org/sticky"\nheaders = { Cookie = "user=7" }\ntimes = 4',
        "different_servers = 1",
        "different_servers = 2",
        "different backends: expected 2, got sticky",
    ),
    "cookies that are kept": (
        'request = "http://shop.example.org/sticky"\ntimes = 2\ncookies = true\nbackend_requests = 2',
        'passed_headers = { X-Real-IP = "~ ^127" }',
        "passed_headers = { Cookie = false }",
        "Cookie: expected it to be absent",
    ),
    "limits": (
        'request = "http://shop.example.org/slow"\ntimes = 5',
        "statuses = { 200 = 3, 429 = 2 }",
        "statuses = { 200 = 5 }",
        "expected 5 times 200, got 3 times 200, 2 times 429",
    ),
    "limits, at once": (
        'request = "http://shop.example.org/slow"\ntimes = 5\nat_once = true',
        "statuses = { 200 = 3, 429 = 2 }",
        "status = 200",
        "expected 200, got 429",
    ),
    "a trusted client": (
        'request = "https://shop.example.org/"\nfrom = "127.0.0.9"\nheaders = { X-Forwarded-For = "203.0.113.7" }',
        'passed_headers = { X-Real-IP = "203.0.113.7" }',
        'passed_headers = { X-Real-IP = "127.0.0.9" }',
        'X-Real-IP: expected "127.0.0.9", got "203.0.113.7"',
    ),
    "a client behind PROXY protocol": (
        'request = "http://127.0.0.1:8081/"\nfrom = "203.0.113.7"',
        'passed_headers = { X-Real-IP = "203.0.113.7" }',
        'passed_headers = { X-Real-IP = "127.0.0.1" }',
        'got "203.0.113.7"',
    ),
    "a socket file": (
        'request = "http://admin/"\nlisten = "unix:/run/admin.sock"',
        'response_body = "admin\\n"',
        'response_body = "admin"',
        'expected "admin", got "admin\\n"',
    ),
    "IPv6": (
        'request = "https://shop.example.org/"\nlisten = "[::]:443"',
        'passed_headers = { X-Real-IP = "::1" }',
        'passed_headers = { X-Real-IP = "127.0.0.1" }',
        'got "::1"',
    ),
    "a file": (
        'request = "http://shop.example.org/files/a.txt"\nfiles = { "/srv/shop/files/a.txt" = "text" }',
        'response_body = "text"\nresponse_headers = { Content-Type = "text/plain" }',
        'response_body = "other"',
        'expected "other", got "text"',
    ),
    "a password": (
        'request = "http://shop.example.org/private/"\nheaders = { Authorization = "Basic YW5uOnNlY3JldA==" }\n'
        'files = { "/etc/nginx/staff" = "ann:{PLAIN}secret", "/srv/shop/private/index.html" = "in" }',
        'response_body = "in"',
        "status = 401",
        "expected 401, got 200",
    ),
}


def test_every_expectation_is_tried() -> None:
    wrongs = "\n".join(wrong for _, _, wrong, _ in CASES.values())
    untried = [one for one in EXPECTATIONS if f"{one} = " not in wrongs]
    assert untried == ["passed_params"]  # that of gateways


def text_of_all() -> str:
    """A site with two tests for each expectation: the right one, then the wrong one."""
    tests = []
    for name, (request, right, wrong, _) in CASES.items():
        tests += [f'[[test]]\nname = "{name}"\n{request}\n{one}\n' for one in (right, wrong)]
    return SITE + "\n".join(tests)


def test_right_expectations_pass_and_wrong_ones_are_caught(
    rehearsed: Callable[..., Rehearsal], loaded: Callable[[str], Loaded]
) -> None:
    text = text_of_all()
    rehearsal = rehearsed(text)
    sources = loaded(text).sources
    assert len(rehearsal.results) == 2 * len(CASES)
    lines = text.split("\n")
    for number, (name, (_, _, wrong, said)) in enumerate(CASES.items()):
        passed, failed = rehearsal.results[2 * number : 2 * number + 2]
        assert passed.outcome == "passed", to_text(passed.failures, sources)
        assert failed.outcome == "failed", name
        assert said in failed.failures[0].message, name
        spot = sources.spot(failed.failures[0].where)
        assert spot is not None
        assert lines[spot.file.position(spot.span.start)[0] - 1] == wrong, name
        assert failed.failures[0].code == "NG070"
