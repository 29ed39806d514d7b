"""Rules about values and versions where it is close: on which word they fire, and what keeps them silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from nginxgen.conf.target import ANY, Target
from nginxgen.diagnostic import Severity, Spot
from nginxgen.foreign import parse_text
from nginxgen.lint.parameters import model_kinds, shape
from nginxgen.lint.rule import Subject
from nginxgen.lint.rules import RULES
from nginxgen.proof.binary import NginxBinary
from support.foreign import ask


def words(code: str, text: str, target: Target = ANY) -> list[str]:
    """The words on which a rule fires."""
    found = list(RULES[code].look(Subject(parse_text(text), target)))
    return [one.where.file.text[slice(*one.where.span)] for one in found if isinstance(one.where, Spot)]


FIRES = [
    ("NG150", "upstream u { server 127.0.0.1:1 bakcup; }", "bakcup"),
    ("NG150", "server { listen 8080 resueport; }", "resueport"),
    ("NG150", "http { proxy_cache_path c key_zone=a:1m; }", "key_zone=a:1m"),
    ("NG150", "http { limit_req_zone $uri zone=a:1m rate=1r/s; server { limit_req zone=a brust=5; } }", "brust=5"),
    ("NG150", "server { access_log a.log combined bufer=8k; }", "bufer=8k"),
    ("NG150", "location / { proxy_next_upstream eror; }", "eror"),
    ("NG150", "server { lingering_close sometimes; }", "sometimes"),
    ("NG151", "server { keepalive_timeout 5min; }", "5min"),
    ("NG151", "server { client_max_body_size 10mb; }", "10mb"),
    ("NG151", "server { client_body_buffer_size 1g; }", "1g"),
    ("NG151", "server { large_client_header_buffers four 8k; }", "four"),
    ("NG151", "http { gzip_comp_level 12; }", "12"),
    ("NG151", "upstream u { server 127.0.0.1:1 weight=0; }", "weight=0"),
    ("NG151", "upstream u { server 127.0.0.1:1 max_fails=-1; }", "max_fails=-1"),
    ("NG151", "upstream u { server 127.0.0.1:1 fail_timeout=10sec; }", "fail_timeout=10sec"),
    ("NG152", "server { listen 127.0.0.1:0; }", "127.0.0.1:0"),
    ("NG152", "server { listen [::]:65536; }", "[::]:65536"),
    ("NG152", "upstream u { server 127.0.0.1:70000; }", "127.0.0.1:70000"),
    ("NG152", "location / { proxy_pass http://127.0.0.1:99999/a; }", "http://127.0.0.1:99999/a"),
    ("NG154", "server {\n    server_name a.example\n    root /srv;\n}", "a.example"),
    ("NG154", "server {\n    root /srv\n    location / {\n    }\n}", "/srv"),
    ("NG155", "server { listen 8080; client_max_body_size 1m; client_max_body_size 2m; }", "client_max_body_size"),
    ("NG156", "server { server_name http://a.example; }", "http://a.example"),
    ("NG156", "server { server_name a.example, b.example; }", "a.example,"),
    ("NG156", "server { server_name a..example; }", "a..example"),
    ("NG157", "server { rewrite ^/([a-z]+ /x; }", "^/([a-z]+"),
    ("NG157", "server { location ~ ^/[0-9]{4}/ { expires 1h; } }", "^/[0-9]"),
    ("NG158", "server { location / { add_header X-A $1; } }", "$1"),
    ("NG159", "server { error_page 499 /x; }", "499"),
    ("NG159", "server { return 2000; }", "2000"),
    ("NG160", "location / { proxy_buffers 4 8k; proxy_busy_buffers_size 4k; }", "proxy_busy_buffers_size 4k"),
    *(
        ("NG163", f"server {{ {condition} {{ return 204; }} }}", condition)
        for condition in (
            "if ($uri == /x)",
            "if ($uri =~ a)",
            "if (uri = a)",
            "if ($uri = a && $host = b)",
            "if (!$host)",
            "if (-q $uri)",
            "if ($uri =)",
            "if $uri",
            "if (-f $uri $host)",
        )
    ),
    ("NG400", "server { if ($host = a) { return 204; } else { return 205; } }", "else"),
    ("NG400", "server { server_nam a; }", "server_nam"),
    ("NG401", "server { location / { listen 8080; } }", "listen"),
    ("NG402", "server { sendfile yes; }", "sendfile"),
    ("NG403", "server { root { } }", "root"),
    ("NG405", "server { listen 8443; ssl on; }", "ssl"),
    ("NG409", "upstream u { zone u 64k; server a.example:80 resolve; }", "resolve"),
    ("NG409", "server { listen 8443 quic; }", "quic"),
]

SILENT = [
    ("NG150", "server { listen ${PORT} {{ flags }}; }"),
    ("NG150", "server { listen 8080 so_keepalive=30m::10 backlog=511 default; }"),
    ("NG150", "server { access_log a.log combined buffer=8k gzip=5 flush=1m if=$x; }"),
    ("NG150", "upstream u { server unix:/run/a.sock weight=2 max_fails=0 fail_timeout=0 backup; }"),
    ("NG150", "stream { server { listen 127.0.0.1:53 udp reuseport; proxy_pass 127.0.0.1:54; } }"),
    ("NG150", "server { lingering_close ALWAYS; }"),
    ("NG151", "server { client_max_body_size 2g; keepalive_timeout 1h30m 60; send_timeout 300ms; }"),
    ("NG151", "server { proxy_read_timeout ${TIMEOUT}; client_max_body_size @size@; limit_rate $rate; }"),
    ("NG152", "server { listen unix:/run/a.sock; listen [::1]; listen localhost; listen 8000-8010; }"),
    ("NG152", "location / { proxy_pass http://[::1]:80/a:99999; }"),
    ("NG153", "http { include more.conf; server { return 200 $nobody; } }"),
    ("NG153", "events {} http { map $uri $mine { default 1; } server { return 200 $mine$http_x_y$arg_z; } }"),
    ("NG153", "events {} http { server { location ~ ^/(?<part>.*)$ { return 200 $part; } } }"),
    ("NG154", "http {\n    access_log a.log combined\n        gzip flush=1m;\n}"),
    ("NG154", "http {\n    gzip_types text/css\n        text/plain;\n}"),
    ("NG155", "location / { proxy_set_header A b; proxy_set_header B c; allow 10.0.0.1; allow 10.0.0.2; deny all; }"),
    ("NG155", "server { location /a { root /a; } location /b { root /b; } }"),
    ("NG156", 'server { server_name _ "" *.a.example www.a.* .b.example ~^(www|m)\\.c$ A.Example; }'),
    ("NG157", 'server { location ~ "^/[0-9]{4}/" { expires 1h; } location ~ ^/a\\.[a-z]+$ { expires 1h; } }'),
    ("NG158", "server { location ~ ^/(a)$ { add_header X-A $1; } }"),
    ("NG158", "server { rewrite ^/(.*)$ /x; location / { add_header X-A $1; } }"),
    ("NG159", "server { error_page 404 =200 /x; error_page 500 502 /y; return 301 https://a.example; }"),
    ("NG160", "location / { proxy_buffers 4 8k; proxy_busy_buffers_size 24k; }"),
    *(
        ("NG163", f"server {{ {condition} {{ return 204; }} }}")
        for condition in (
            "if ($host)",
            "if ( $uri = /x )",
            'if ($http_x = "")',
            'if ($uri !~* "a b")',
            "if (!-f $request_filename)",
            "if ($uri ~ ^/(a|b)$)",
        )
    ),
    (
        "NG400",
        "server { location / { content_by_lua_block { ngx.say('{') } } more_set_headers 'A: b'; js_content a.b; }",
    ),
    ("NG401", "set $a b;\nlisten 8080;"),
    ("NG403", "server { listen {{port}}; }"),
    ("NG410", "server { listen 8443 ssl; http2 on; }"),
]


@pytest.mark.parametrize(("code", "text", "word"), FIRES)
def test_fires_there(code: str, text: str, word: str) -> None:
    assert words(code, text) == [word]


@pytest.mark.parametrize(("code", "text"), SILENT)
def test_is_silent(code: str, text: str) -> None:
    assert words(code, text) == []


def severities(code: str, text: str, target: str) -> list[Severity]:
    return [one.severity for one in RULES[code].look(Subject(parse_text(text), Target.parse(target)))]


@pytest.mark.parametrize(
    ("code", "text", "target", "severity"),
    [
        ("NG404", "server { http2 on; }", "1.22", [Severity.ERROR]),
        ("NG404", "server { http2 on; }", "any", [Severity.NOTE]),
        ("NG404", "server { http2 on; }", "1.26", []),
        ("NG405", "server { ssl on; }", "1.22", []),
        ("NG405", "server { ssl on; }", "1.26", [Severity.ERROR]),
        ("NG405", "server { ssl_ocsp on; }", "any", []),
        ("NG404", "server { ssl_ocsp on; }", "1.18", [Severity.ERROR]),
        ("NG408", "server { return 200 $request_port; }", "1.22", [Severity.ERROR]),
        ("NG409", "server { resolver 127.0.0.1 ipv4=off; }", "1.31", []),
        ("NG410", "server { listen 8443 ssl http2; }", "1.26", [Severity.WARNING]),
        ("NG414", "server { location / { grpc_pass 127.0.0.1:1; } }", "1.30.2", [Severity.NOTE]),
        ("NG414", "server { location / { grpc_pass 127.0.0.1:1; } }", "1.30.4", []),
    ],
)
def test_the_target_decides(code: str, text: str, target: str, severity: list[Severity]) -> None:
    rule = RULES[code]
    assert (severities(code, text, target) if rule.holds(Target.parse(target)) else []) == severity


REFUSED = {"time": "60sec", "size": "10mb", "number": "ten"}


def test_nginx_refuses_each_kind_of_value_that_the_rules_refuse(nginx: NginxBinary, tmp_path: Path) -> None:
    """A sample of the directives of each kind, which the model and nginx.org's syntax tell."""
    names = sorted(model_kinds())
    asked = 0
    for name in names[::5]:
        form = nginx.target.find(name, "location")
        known = shape(name, "location")
        if form is None or known is None or known.free != 1 or not known.kinds[0]:
            continue
        value = REFUSED[known.kinds[0]]
        text = f"server {{ location / {{ {name} {value}; }} }}"
        assert words("NG151", text) == [value], name
        assert ask(text, nginx, tmp_path / name), f"nginx takes {name} {value}"
        asked += 1
    assert asked >= 5


@pytest.mark.parametrize(
    "line",
    [
        "root /a;",
        "sendfile on;",
        "client_max_body_size 1m;",
        "keepalive_requests 5;",
        "try_files /a =404;",
        "large_client_header_buffers 4 8k;",
        "auth_basic off;",
        "proxy_http_version 1.1;",
        "error_log stderr;",
        "proxy_hide_header X-A;",
        "allow all;",
        "set_real_ip_from 10.0.0.0/8;",
    ],
)
def test_nginx_and_ng155_agree_on_what_stands_once(line: str, nginx: NginxBinary, tmp_path: Path) -> None:
    text = f"server {{\n    listen 8080;\n    {line}\n    {line}\n}}\n"
    assert bool(words("NG155", text)) == any("duplicate" in one for one in ask(text, nginx, tmp_path / "twice"))
