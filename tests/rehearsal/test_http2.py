"""HTTP/2 in rehearsals: services that speak gRPC have stand-ins, and clients speak it where they have to."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

from nginxgen.conf.version import Version
from nginxgen.proof.binary import NginxBinary
from nginxgen.rehearsal.rehearse import Rehearsal
from nginxgen.report import to_text

SERVICES = """
[tls.all]
certificate = "/etc/ssl/all.crt"
certificate_key = "/etc/ssl/all.key"

[upstream.rpc]
servers = ["rpc1.internal:50051", "10.0.0.2:50051"]

[[server]]
listen = [{ address = 80, http2 = true }]
server_name = "rpc.example.org"

[[server.location]]
path = "/"
grpc_pass = "rpc"
client_max_body_size = 0

[[server.location]]
path = "/secure."
grpc_pass = "grpcs://10.0.0.3:443"

[[server]]
listen = 443
tls = "all"
http2 = true
server_name = "rpc.example.org"

[[server.location]]
path = "/"
grpc_pass = "rpc"
"""

RIGHT = """
[[test]]
name = "whole"
request = "POST http://rpc.example.org/shop.Cart/Add?a=b"
headers = { Content-Type = "application/grpc", TE = "trailers", X-Trace = "7" }
body = "two apples"
status = 200
upstream = "rpc"
passed_request = "POST /shop.Cart/Add?a=b"
passed_headers = { Content-Type = "application/grpc", X-Trace = "7", Host = "rpc.example.org", TE = "trailers" }
passed_body = "two apples"
response_headers = { Content-Type = "application/grpc", Grpc-Status = "0" }
response_body = "~ from rpc "

[[test]]
name = "answered"
request = "POST http://rpc.example.org/shop.Cart/Add"
headers = { Content-Type = "application/grpc" }
backend = { headers = { grpc-status = "5", grpc-message = "no%20apples", X-Shop = "open" }, body = "none" }
response_headers = { Grpc-Status = "5", Grpc-Message = "no%20apples", X-Shop = "open" }
response_body = "none"

[[test]]
name = "in turns"
request = "POST http://rpc.example.org/shop.Cart/Add"
times = 6
different_servers = 2
statuses = { 200 = 6 }

[[test]]
name = "died"
request = "POST http://rpc.example.org/shop.Cart/Add"
backend = false
status = 502

[[test]]
name = "late"
request = "POST http://rpc.example.org/shop.Cart/Add"
backend = { delay = "100ms", status = 503 }
status = 503

[[test]]
name = "tls behind"
request = "POST http://rpc.example.org/secure.Vault/Open"
server = "10.0.0.3:443"
status = 200

[[test]]
name = "tls before"
request = "POST https://rpc.example.org/shop.Cart/Add"
http2 = true
passed_request = "POST /shop.Cart/Add"
status = 200

[[test]]
name = "an older client"
request = "POST https://rpc.example.org/shop.Cart/Add"
body = "HTTP/1.1"
passed_body = "HTTP/1.1"
response_body = "~ from rpc "

[[test]]
name = "trailers for an older client"
request = "POST https://rpc.example.org/shop.Cart/Add"
headers = { Content-Type = "application/grpc", TE = "trailers" }
backend = { headers = { grpc-status = "3", grpc-status-details-bin = "CAM" }, body = "" }
response_headers = { Grpc-Status = "3", Grpc-Status-Details-Bin = "CAM" }
response_body = ""

[[test]]
name = "more than ASCII"
request = "POST http://rpc.example.org/shop.Cart/Add"
headers = { X-Name = "Jürgen 日本" }
passed_headers = { X-Name = "Jürgen 日本" }
backend = { headers = { X-Shop = "Käse 日本" } }
response_headers = { X-Shop = "Käse 日本" }

[[test]]
name = "no body"
request = "HEAD http://rpc.example.org/shop.Cart/Add"
passed_request = "HEAD /shop.Cart/Add"
response_body = ""
"""

WRONG = """
[[test]]
request = "POST http://rpc.example.org/shop.Cart/Add"
headers = { Content-Type = "application/grpc" }
passed_request = "POST /shop.Cart/Remove"
passed_headers = { Host = "shop.example.org" }
response_headers = { Grpc-Status = "5" }
"""


def shown(rehearsal: Rehearsal) -> dict[str, str]:
    """What became of each test."""
    return {one.title: one.outcome for one in rehearsal.results}


def test_services_have_stand_ins(rehearsed: Callable[..., Rehearsal]) -> None:
    rehearsal = rehearsed(SERVICES + RIGHT)
    assert set(shown(rehearsal).values()) == {"passed"}, to_text(rehearsal.diagnostics)
    assert len(rehearsal.results) == RIGHT.count("[[test]]")
    assert rehearsal.notes == ()


def test_what_services_get_is_told(rehearsed: Callable[..., Rehearsal]) -> None:
    (result,) = rehearsed(SERVICES + WRONG).results
    assert {one.where: one.message.partition(": ")[2] for one in result.failures} == {
        ("test", 0, "response_headers", "Grpc-Status"): 'Grpc-Status: expected "5", got "0"',
        ("test", 0, "passed_request"): (
            'the request line: expected "POST /shop.Cart/Remove", got "POST /shop.Cart/Add"'
        ),
        ("test", 0, "passed_headers", "Host"): 'Host: expected "shop.example.org", got "rpc.example.org"',
    }


def test_bodies_larger_than_the_window_arrive_whole(rehearsed: Callable[..., Rehearsal]) -> None:
    """Either side may send 65,535 bytes until the other has room for more (RFC 9113, 6.9.2)."""
    body = "".join(f"{number:06}\\n" for number in range(40_000))
    large = f"""
[[test]]
name = "large"
request = "POST http://rpc.example.org/shop.Cart/Add"
body = "{body}"
backend = {{ body = "{body[::-1].replace(chr(92), "").replace("n", "")}" }}
passed_body = "{body}"
response_body = "{body[::-1].replace(chr(92), "").replace("n", "")}"
"""
    rehearsal = rehearsed(SERVICES + large)
    assert shown(rehearsal) == {"large": "passed"}, to_text(rehearsal.diagnostics)[:1000]


ORDINARY = """
[tls.all]
certificate = "/etc/ssl/all.crt"
certificate_key = "/etc/ssl/all.key"

[[server]]
listen = [{ address = 80, ssl = false }, 443]
tls = "all"
http2 = false
server_name = "a.example.org"
return = [200, "$server_protocol"]

[[server]]
listen = { address = 8080, http2 = true }
return = [200, "$server_protocol $http_cookie"]
add_header = { Set-Cookie = "a=b" }

[[test]]
request = "https://a.example.org/"
response_body = "HTTP/1.1"

[[test]]
request = "https://a.example.org/"
http2 = true
response_body = "HTTP/2.0"

[[server]]
listen = 8080
server_name = "c.example.org"
return = [200, "$server_protocol"]

[[test]]
request = "http://a.example.org/"
http2 = true
response_body = "HTTP/2.0"

[[test]]
request = "http://b.example.org:8080/"
response_body = "~ ^HTTP/"

[[test]]
name = "a server whose listener another one gave HTTP/2"
request = "http://c.example.org:8080/"
response_body = "~ ^HTTP/"

[[test]]
name = "cookies"
request = "http://b.example.org:8080/"
http2 = true
times = 2
cookies = true
response_body = "~ ^HTTP/2.0 (a=b)?$"
"""


def test_clients_speak_what_the_listener_does(rehearsed: Callable[..., Rehearsal]) -> None:
    plain, *refused, either, shared, cookies = rehearsed(ORDINARY).results
    assert [one.outcome for one in (plain, either, shared, cookies)] == ["passed"] * 4
    assert [one.message.endswith("does not speak HTTP/2") for two in refused for one in two.failures] == [True] * 2


PROXIED = """
[[server]]
listen = 80

[[server.location]]
path = "/"
proxy_pass = "http://10.0.0.1"
proxy_http_version = "2"

[[test]]
request = "POST http://a.example.org/x"
body = "abc"
passed_request = "POST /x"
passed_body = "abc"
backend = { body = "made" }
response_body = "made"
"""


def test_backends_that_are_asked_in_http2(rehearsed: Callable[..., Rehearsal], nginx: NginxBinary) -> None:
    if not nginx.target.since(Version(1, 29, 4)):
        return  # nothing asks ordinary backends in HTTP/2 there
    (result,) = rehearsed(PROXIED).results
    assert result.outcome == "passed", result.failures


def test_two_hundred_calls_take_a_moment(rehearsed: Callable[..., Rehearsal]) -> None:
    call = """
[[test]]
request = "POST http://rpc.example.org/shop.Cart/Add?number={0}"
headers = {{ Content-Type = "application/grpc", TE = "trailers" }}
body = "apple {0}"
passed_request = "POST /shop.Cart/Add?number={0}"
passed_body = "apple {0}"
response_headers = {{ Grpc-Status = "0" }}
"""
    began = time.monotonic()
    rehearsal = rehearsed(SERVICES + "".join(call.format(number) for number in range(200)))
    sys.stdout.write(f"200 gRPC tests: {time.monotonic() - began:.2f} s\n")
    assert rehearsal.counts == "200 passed", to_text(rehearsal.diagnostics)[:1000]


def test_what_speaks_no_http2_reads_nothing_of_h2() -> None:
    script = (
        "import sys, nginxgen.rehearsal.perform, nginxgen.rehearsal.rehearse, nginxgen.cli.render\n"
        "print([one for one in sys.modules if one.split('.')[0] in ('h2', 'hpack', 'hyperframe')])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
