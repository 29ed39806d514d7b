"""How exchanges in HTTP/2 end: whole, closed, too late, broken off; each is told as what it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nginxgen.conf.version import Version
from nginxgen.proof.binary import NginxBinary
from nginxgen.rehearsal import perform
from nginxgen.rehearsal.rehearse import Rehearsal
from nginxgen.report import to_text

ENDINGS = """
[upstream.rpc]
servers = ["10.0.0.1:50051"]

[[server]]
listen = [{ address = 80, http2 = true }]
server_name = "rpc.example.org"

[[server.location]]
path = "/"
grpc_pass = "rpc"
client_max_body_size = "1k"

[[server.location]]
path = "/slow"
grpc_pass = "rpc"
grpc_read_timeout = "100ms"

[[server.location]]
path = "/closed"
return = 444

[[server]]
listen = [{ address = 81, http2 = true }]
server_name = "rpc.example.org"
keepalive_requests = 1

[[server.location]]
path = "/"
grpc_pass = "rpc"
client_max_body_size = 0

[[test]]
name = "closed"
request = "http://rpc.example.org/closed"
http2 = true
status = 444
upstream = false

[[test]]
name = "too late"
request = "http://rpc.example.org/slow"
http2 = true
backend = { delay = "1s" }
status = 504

[[test]]
name = "too large"
request = "POST http://rpc.example.org/a"
http2 = true
body = "LARGE"
status = 413
upstream = false

[[test]]
name = "the last request of a connection"
request = "POST http://rpc.example.org:81/a"
http2 = true
body = "LARGE"
passed_body = "LARGE"
backend = { body = "LARGE" }
response_body = "LARGE"

[[test]]
name = "broken off"
request = "http://rpc.example.org/a"
http2 = true
backend = { body = "LARGE", headers = { Content-Length = "200001" } }
status = 200
""".replace("LARGE", "0123456789" * 20_000)


def test_every_end_is_told_as_what_it_is(rehearsed: Callable[..., Rehearsal]) -> None:
    rehearsal = rehearsed(ENDINGS)
    *right, broken = rehearsal.results
    assert [one.title for one in right if one.outcome != "passed"] == [], to_text(rehearsal.diagnostics)[:1000]
    (failure,) = broken.failures
    assert failure.message.endswith("the answer is broken: the body ends in its middle")


PUSHED = """
[nginx]
target = "1.22"

[upstream.web]
servers = ["10.0.0.1:80"]

[[server]]
listen = [{ address = 80, http2 = true }]

[[server.location]]
path = "/"
upstream = "web"
directives = [["http2_push", "/pushed"]]

[[server.location]]
path = "/pushed"
return = [200, "what nobody asked for"]

[[test]]
request = "http://a.example.org/"
backend = { body = "LARGE" }
response_body = "LARGE"
""".replace("LARGE", "0123456789" * 20_000)


def test_what_was_not_asked_for_is_not_taken_for_the_answer(
    rehearsed: Callable[..., Rehearsal], nginx: NginxBinary
) -> None:
    if nginx.target.since(Version(1, 25, 1)):
        return  # nothing is pushed from there on
    (result,) = rehearsed(PUSHED).results
    assert result.outcome == "passed", to_text(result.failures)[:1000]


def test_a_request_without_an_outcome_ends_the_company(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing would be wrong with no answers at all, and so a test would pass."""

    def stumble(case: dict[str, object], cookies: dict[str, str]) -> dict[str, object]:
        raise ValueError("a mistake of ours")

    monkeypatch.setattr(perform, "ask", stumble)
    case = {"answers": [], "at_once": False, "times": 1, "cookies": False}
    with pytest.raises(ValueError, match="a mistake of ours"):
        perform.Company({"cases": [case]}, Path())._ask_all([0])
