"""What stands in for what: FastCGI and uwsgi backends, TLS, addresses of elsewhere, nginx as its own backend."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nginxgen.errors import ConfigError
from nginxgen.rehearsal.rehearse import Rehearsal
from nginxgen.report import to_text

GATEWAYS = """
[upstream.php]
servers = ["unix:/run/php.sock"]

[upstream.app]
servers = ["app.internal:3031"]

[[server]]
listen = 80
root = "/srv/blog"

[[server.location]]
path = "/"
try_files = ["$uri", "/index.php?$args"]

[[server.location]]
path = '~ \\.php$'
fastcgi_pass = "php"

[[server.location]]
path = "/app/"
uwsgi_pass = "app"

[[test]]
request = "POST http://blog.example.org/2026/11?page=2"
body = "comment"
upstream = "php"
status = 201
backend = { status = 201, headers = { X-From = "php" }, body = "made" }
passed_request = "POST /2026/11?page=2"
passed_params.SCRIPT_FILENAME = "/srv/blog/index.php"
passed_params.QUERY_STRING = "page=2"
passed_params.HTTP_PROXY = false
passed_params.HTTP_HOST = "blog.example.org"
passed_body = "comment"
response_headers = { X-From = "php" }
response_body = "made"

[[test]]
request = "http://blog.example.org/app/x"
upstream = "app"
server = "app.internal:3031"
passed_params = { PATH_INFO = "/app/x", REQUEST_METHOD = "GET" }
backend = { body = "uwsgi" }
response_body = "uwsgi"

[[test]]
request = "http://blog.example.org/app/x"
passed_params = { REQUEST_METHOD = "POST" }

[[test]]
request = "http://blog.example.org/x.php"
passed_params = { SCRIPT_FILENAME = "/srv/blog/y.php" }

[[test]]
request = "http://blog.example.org/x.php"
backend = false
status = 502
"""


def test_gateways_have_stand_ins(rehearsed: Callable[..., Rehearsal]) -> None:
    rehearsal = rehearsed(GATEWAYS)
    outcomes = [one.outcome for one in rehearsal.results]
    assert outcomes == ["passed", "passed", "failed", "failed", "passed"], to_text(rehearsal.diagnostics)
    assert 'REQUEST_METHOD: expected "POST", got "GET"' in rehearsal.results[2].failures[0].message
    wrong = rehearsal.results[3].failures[0].message
    assert 'SCRIPT_FILENAME: expected "/srv/blog/y.php", got "/srv/blog/x.php"' in wrong


STRANGERS = """
[[server]]
listen = [80, "[::]:80", "192.0.2.1:8000"]
server_name = "a.example.org"
return = [200, "$remote_addr"]

[[test]]
request = "http://a.example.org/"
from = "203.0.113.9"
response_body = "203.0.113.9"

[[test]]
request = "http://a.example.org/"
from = "2001:db8::9"
response_body = "2001:db8::9"

[[test]]
request = "http://192.0.2.1:8000/"
response_body = "~ ^127"
"""


def test_clients_from_elsewhere_come_from_there_or_are_told_not_to_have_come(
    rehearsed: Callable[..., Rehearsal], own_network: bool
) -> None:
    rehearsal = rehearsed(STRANGERS)
    outcomes = [one.outcome for one in rehearsal.results]
    assert outcomes == (["passed"] * 3 if own_network else ["skipped", "skipped", "passed"]), rehearsal
    assert [one.code for one in rehearsal.notes] == ([] if own_network else ["NG073"] * 2)


@pytest.mark.parametrize("names", ["one", "two"])
def test_only_the_tests_that_are_named(rehearsed: Callable[..., Rehearsal], names: str) -> None:
    text = '[[server]]\nlisten = 80\nreturn = 204\n[[test]]\nname = "one"\nrequest = "http://a/"\nstatus = 204\n'
    text += '[[test]]\nrequest = "http://two/"\nstatus = 204\n'
    (result,) = rehearsed(text, names).results
    assert names in result.title
    assert result.outcome == "passed"


OWN = """
[nginx]
worker_processes = 2

[upstream.web]
servers = ["10.0.0.1", "[2001:db8::1]:80"]

[upstream.again]
servers = ["10.0.0.1:80"]

[[server]]
listen = [80, "8000-8003"]
server_name = "front.example.org"

[[server.location]]
path = "/"
proxy_pass = "http://127.0.0.1:8001/inner"

[[server.location]]
path = "/inner"
return = [200, "$server_port"]

[[server.location]]
path = "/web"
upstream = "web"

[[server.location]]
path = "/again"
upstream = "again"

[[server.location]]
path = "/deep"
return = [302, "/inner/"]

[[server.location]]
path = "/socket/"
proxy_pass = "http://unix:/run/app.sock:/a/"

[[server.location]]
path = "/safe"
proxy_pass = "https://127.0.0.3:9443"
proxy_ssl_verify = true
proxy_ssl_trusted_certificate = "/etc/ssl/ours.pem"

[[test]]
name = "nginx is its own backend"
request = "http://front.example.org/"
response_body = "8001"
upstream = false

[[test]]
name = "a port of a range"
request = "http://front.example.org:8003/inner"
response_body = "8003"

[[test]]
name = "both servers, one of them by IPv6"
request = "http://front.example.org/web"
times = 2
different_servers = 2

[[test]]
name = "an address of two groups"
request = "http://front.example.org/again"
upstream = "again"
server = "10.0.0.1"
passed_headers = { Host = "front.example.org" }

[[test]]
name = "the port of a redirect"
request = "http://front.example.org:8002/deep"
redirect = "http://front.example.org:8002/inner/"

[[test]]
name = "no port in a redirect"
request = "http://front.example.org/deep"
redirect = "http://front.example.org/inner/"

[[test]]
name = "a socket file"
request = "http://front.example.org/socket/x"
passed_request = "/a/x"
server = "unix:/run/app.sock"

[[test]]
name = "a backend in TLS"
request = "http://front.example.org/safe"
server = "127.0.0.3:9443"
status = 200
"""


def test_everything_is_where_it_would_be(rehearsed: Callable[..., Rehearsal]) -> None:
    rehearsal = rehearsed(OWN)
    assert [one.title for one in rehearsal.failed] == [], to_text(rehearsal.diagnostics)
    assert rehearsal.counts == "8 passed"


def test_what_has_no_stand_in_is_told(rehearsed: Callable[..., Rehearsal]) -> None:
    text = (
        '[http]\nresolver = "10.0.0.53"\n[[server]]\nlisten = 80\n[[server.location]]\npath = "/"\n'
        'proxy_pass = "http://10.0.0.1"\n[[test]]\nrequest = "http://a/"\nstatus = 200\n'
    )
    rehearsal = rehearsed(text)
    assert rehearsal.counts == "1 passed"
    assert [one.message for one in rehearsal.notes] == [
        "name servers have no stand-in: what nginx looks up while it serves is not found"
    ]


REFUSED = """
[[server]]
listen = [80, "127.0.0.1:8443"]
return = 204
[[test]]
request = "https://a.example.org/"
status = 204
[[test]]
request = "http://a.example.org/"
listen = "unix:/run/a.sock"
status = 204
files = { "/srv/a" = "1" }
[[test]]
request = "http://a.example.org/"
status = 204
files = { "/srv/a" = "2" }
"""


def test_what_cannot_be_asked_is_told_before(rehearsed: Callable[..., Rehearsal]) -> None:
    with pytest.raises(ConfigError) as refused:
        rehearsed(REFUSED)
    found = {one.where: (one.code, one.message, one.help) for one in refused.value.diagnostics}
    listeners = "there are http on 80, http on 127.0.0.1:8443"
    assert found == {
        ("test", 0, "request"): ("NG071", "no server listens for https on port 443", listeners),
        ("test", 1, "listen"): ("NG071", "no server listens on unix:/run/a.sock", listeners),
        ("test", 2, "files", "/srv/a"): ("NG072", "/srv/a is one file for all tests, and has two contents", None),
    }
