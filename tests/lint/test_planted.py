"""Faults planted into whole configurations, one at a time: each is found by the rule meant for it, and by no other."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from nginxgen import load, render
from nginxgen.conf.target import ANY, Target
from nginxgen.diagnostic import Diagnostic, Severity, Spot
from nginxgen.foreign import parse_text
from nginxgen.lint.engine import lint, lint_rendered
from nginxgen.lint.rule import Subject
from nginxgen.proof.binary import NginxBinary
from nginxgen.report import to_text
from support.foreign import ask

SOUND = Path(__file__).parent / "planted" / "nginx.conf"
CLUSTER = Path(__file__).parent / "planted" / "cluster.toml"
OLD, NEW = Target.parse("1.22.1"), Target.parse("1.31.3")


class Fault(NamedTuple):
    """What is written in place of what; the rule, what the line that it names begins with, words of its message."""

    old: str
    new: str
    code: str
    line: str
    words: tuple[str, ...]
    target: Target = ANY

    def plant(self, text: str) -> str:
        """The text with the fault in it."""
        assert text.count(self.old) == 1, f"{self.old!r} stands there {text.count(self.old)} times"
        return text.replace(self.old, self.new)


FAULTS = [
    # correctness
    Fault(
        "            proxy_read_timeout 30s;\n",
        "            proxy_set_header X-Api 1;\n",
        "NG101",
        "proxy_set_header X-Api",
        ("takes away", "Host", "X-Forwarded-For"),
    ),
    Fault(
        '        proxy_set_header Connection "";\n',
        "        proxy_set_header Connection close;\n",
        "NG103",
        "proxy_set_header Connection close",
        ("cart", "close"),
    ),
    Fault(
        "            proxy_set_header Connection $connection_upgrade;\n",
        "",
        "NG105",
        "proxy_set_header Upgrade",
        ("Connection",),
    ),
    Fault("http://cart/v1/;", "http://cart/v1;", "NG109", "proxy_pass http://cart/v1;", ("/v1x",)),
    Fault(
        "        least_conn;", "        least_conn;\n        ip_hash;", "NG120", "least_conn", ("least_conn", "ip_hash")
    ),
    Fault("location @cart {", "location @cartt {", "NG132", "try_files", ("@cart",)),
    Fault(
        "server 10.0.0.2:8080 weight=2 max_fails=0;",
        "server 10.0.0.1:8080 weight=2 max_fails=0;",
        "NG124",
        "server 10.0.0.1:8080 weight",
        ("10.0.0.1:8080",),
    ),
    Fault(
        "            proxy_pass http://chat;\n",
        "            proxy_pass http://chatt;\n",
        "NG129",
        "proxy_pass http://chatt",
        ("chatt", "chat"),
    ),
    Fault(
        "        location /images/ {\n",
        "        location = /images?size=1 {\n            return 404;\n        }\n\n        location /images/ {\n",
        "NG114",
        "location = /images?",
        ("?",),
    ),
    Fault(
        "        client_max_body_size 8m;\n",
        "        expires 1h;\n        add_header Cache-Control no-store;\n",
        "NG138",
        "add_header Cache-Control",
        ("no-store",),
    ),
    Fault(
        "            return 404;\n",
        "            return 404;\n            set $hidden 1;\n",
        "NG133",
        "set $hidden",
        ("return",),
    ),
    Fault(
        "            deny all;\n",
        "            deny all;\n            allow 10.0.0.0/8;\n",
        "NG225",
        "allow 10.0.0.0/8",
        ("deny all",),
    ),
    Fault(
        "            alias /srv",
        "            alias /srv/photos/;\n            alias /srv",
        "NG155",
        "alias /srv/shop",
        ("alias",),
    ),
    # values
    Fault("weight=2", "wieght=2", "NG150", "server 10.0.0.2", ("wieght", "weight")),
    Fault("proxy_read_timeout 30s", "proxy_read_timeout 30sec", "NG151", "proxy_read_timeout 30sec", ("30sec",)),
    Fault("server 10.0.0.3:9000", "server 10.0.0.3:90000", "NG152", "server 10.0.0.3", ("90000",)),
    Fault(
        "For $remote_addr;\n        proxy_set_header X-Forwarded-Proto $scheme;\n        add",
        "For $remote_adr;\n        proxy_set_header X-Forwarded-Proto $scheme;\n        add",
        "NG153",
        "proxy_set_header X-Forwarded-For",
        ("$remote_adr", "$remote_addr"),
    ),
    Fault(
        "            proxy_read_timeout 30s;\n",
        "            proxy_read_timeout 30s\n            proxy_buffering on;\n",
        "NG154",
        "proxy_read_timeout 30s",
        (";",),
    ),
    Fault("location ~ /\\.", "location ~ ^/[0-9]{2}/[0-9]{3}$", "NG157", "location ~ ^/", ("{", "quotes")),
    Fault("location ~ /\\.", "location ~ /(\\.", "NG157", "location ~ /(", ()),
    Fault("limit_req zone=login ", "limit_req zone=logon ", "NG161", "limit_req", ("logon", "login")),
    # security
    Fault(
        "location /images/ {", "location /images {", "NG201", "location /images {", ("/images../", "/srv/shop/images/")
    ),
    Fault("location /api/ {", "location /api {", "NG202", "location /api", ("/api../",)),
    Fault(
        "        proxy_set_header Host $host;\n        proxy_set_header Con",
        "        proxy_set_header Host $http_host;\n        proxy_set_header Con",
        "NG203",
        "proxy_set_header Host",
        ("Host", "client"),
    ),
    Fault(
        "https://shop.example.org$request_uri",
        "https://shop.example.org$uri",
        "NG207",
        "return 301",
        ("$uri", "line break"),
    ),
    Fault("ssl_protocols TLSv1.2", "ssl_protocols TLSv1.1 TLSv1.2", "NG209", "ssl_protocols", ("TLSv1.1",)),
    Fault("user www-data;", "user root;", "NG215", "user root", ("workers", "www-data")),
    Fault(
        "            expires 30d;\n",
        "            expires 30d;\n            add_header X-Photos yes;\n",
        "NG217",
        "add_header X-Photos",
        ("Strict-Transport-Security",),
    ),
    Fault("            deny all;\n", "", "NG224", "allow 127.0.0.1", ()),
    Fault(
        "            proxy_pass http://cart/v1/;\n",
        "            proxy_pass https://api.example.com/v1/;\n",
        "NG211",
        "proxy_pass https://api.example.com",
        ("api.example.com",),
    ),
    # performance
    Fault(
        "    gzip_types text/css application/javascript application/json;\n", "", "NG302", "gzip on", ("gzip_types",)
    ),
    Fault("worker_rlimit_nofile 8192;", "worker_rlimit_nofile 1024;", "NG306", "worker", ("1024", "2048")),
    Fault(
        "    server_tokens off;\n",
        "    server_tokens off;\n    proxy_buffering off;\n",
        "NG307",
        "proxy_buffering off",
        (),
    ),
    # version
    Fault("    tcp_nopush on;", "    tcp_nopsh on;", "NG400", "tcp_nopsh", ("tcp_nopsh", "tcp_nopush")),
    Fault("sendfile on;", "sendfile on;\n    http2 on;", "NG404", "http2 on", ("http2", "1.25.1"), OLD),
    Fault("        ssl_protocols", "        ssl on;\n        ssl_protocols", "NG405", "ssl on", ("ssl", "1.25.1"), NEW),
    Fault("listen 443 ssl ", "listen 443 ssl http2 ", "NG410", "listen 443", ("http2", "1.25.1"), NEW),
    Fault(
        "server 10.0.0.4:9000 max_fails=0;",
        "server chat.example.org resolve;",
        "NG409",
        "server chat.example.org",
        ("resolve", "1.27.3"),
        OLD,
    ),
    Fault(
        "            expires 30d;\n",
        "            expires 30d;\n            status_zone images;\n",
        "NG406",
        "status_zone",
        ("status_zone",),
    ),
]

IN_A_CLUSTER = [
    Fault('path = "/images/"', 'path = "/images"', "NG201", 'path = "/images"', ("/images../",)),
    Fault('path = "/api/"', 'path = "/api"', "NG202", 'path = "/api"', ("/api../",)),
    Fault('"http://cart/v1/"', '"http://cart/v1"', "NG109", 'proxy_pass = "http://cart/v1"', ("/v1x",)),
    Fault('Host = "$host", ', 'Host = "$http_host", ', "NG203", "proxy_set_header", ("client",)),
    Fault('["TLSv1.2", ', '["TLSv1.1", "TLSv1.2", ', "NG209", "ssl_protocols", ("TLSv1.1",)),
    Fault('expires = "30d"', 'add_header = { X-Photos = "yes" }', "NG217", "add_header", ("X-Frame-Options",)),
    Fault('user = "www-data"', 'user = "root"', "NG215", "user", ("workers",)),
    Fault('proxy_read_timeout = "30s"', 'proxy_set_header = { X-Api = "1" }', "NG101", "proxy_set_header", ("Host",)),
    Fault('gzip_types = ["text/css", "application/javascript"]\n', "", "NG302", "gzip = true", ("gzip_types",)),
    Fault(
        'alias = "/srv/shop/images/"\nexpires = "30d"',
        'return = { code = 301, text = "https://a.example$uri" }',
        "NG207",
        "return",
        ("$uri", "line break"),
    ),
    Fault(
        'proxy_read_timeout = "30s"',
        'directives = [["sub_filter", "http:", "https:"]]',
        "NG136",
        "directives",
        ("replaced",),
    ),
    Fault("server_tokens = false", "server_tokens = false\nproxy_buffering = false", "NG307", "proxy_buffering", ()),
    Fault('"10.0.0.2:8080"', '"10.0.0.1:8080"', "NG124", "servers", ("10.0.0.1:8080",)),
    Fault(
        "[upstream.cart]\n",
        '[upstream.old]\nservers = ["10.0.0.9:80"]\n\n[upstream.cart]\n',
        "NG128",
        "[upstream.old]",
        ("old",),
    ),
    Fault(
        '["10.0.0.1:8080", "10.0.0.2:8080"]',
        '[{ address = "10.0.0.1:8080", down = true }]',
        "NG122",
        "[upstream.cart]",
        ("cart",),
    ),
]


@pytest.mark.parametrize("target", [ANY, OLD, NEW], ids=lambda target: target.name)
def test_nothing_is_wrong_before(target: Target) -> None:
    subject = Subject(parse_text(SOUND.read_text(encoding="utf-8")), target)
    assert to_text(one for one in lint(subject) if one.severity is not Severity.NOTE) == ""


def test_nginx_takes_what_is_sound(nginx: NginxBinary, tmp_path: Path) -> None:
    assert ask(SOUND.read_text(encoding="utf-8"), nginx, tmp_path / "sound") == []


def test_nothing_is_wrong_with_the_cluster_before() -> None:
    assert to_text(_in_cluster(CLUSTER)) == ""


def test_there_are_faults_of_every_family() -> None:
    assert {fault.code[:3] for fault in FAULTS} >= {"NG1", "NG2", "NG3", "NG4"}
    assert any("NG150" <= fault.code < "NG200" for fault in FAULTS), "of values, too"
    assert len({fault.code for fault in FAULTS}) >= 30
    assert len({fault.code for fault in IN_A_CLUSTER}) >= 10


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
def test_one_fault_is_found_by_its_rule_alone(fault: Fault) -> None:
    text = fault.plant(SOUND.read_text(encoding="utf-8"))
    found = lint(Subject(parse_text(text), fault.target))
    _is_found(fault, [one for one in found if one.severity is not Severity.NOTE])


@pytest.mark.parametrize("fault", IN_A_CLUSTER, ids=lambda fault: fault.code)
def test_one_fault_of_a_cluster_is_found_at_its_line(fault: Fault, tmp_path: Path) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text(fault.plant(CLUSTER.read_text(encoding="utf-8")), encoding="utf-8")
    found = _in_cluster(file)
    _is_found(fault, found)
    assert [one.where.file.name for one in found if isinstance(one.where, Spot)] == [str(file)]


def _in_cluster(file: Path) -> list[Diagnostic]:
    return [one for one in lint_rendered(render(load(file))) if one.severity is not Severity.NOTE]


def _is_found(fault: Fault, found: list[Diagnostic]) -> None:
    assert [one.code for one in found] == [fault.code], to_text(found)
    (one,) = found
    assert isinstance(one.where, Spot)
    line, _ = one.where.file.position(one.where.span.start)
    assert one.where.file.line(line).lstrip().startswith(fault.line), to_text(found)
    said = f"{one.message}; {one.help}"
    assert [word for word in fault.words if word not in said] == [], said
