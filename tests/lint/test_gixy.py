"""Gixy-Next beside our rules: what both find is told once, by ours; what only it finds is shown as its own."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from nginxgen.conf.target import ANY
from nginxgen.diagnostic import Diagnostic, Spot
from nginxgen.foreign import read_configuration
from nginxgen.lint.engine import lint
from nginxgen.lint.gixy import COVERED, NOT_COVERED, gixy_findings, is_installed
from nginxgen.lint.rule import Subject
from nginxgen.lint.rules import RULES
from support.command import nginxgen

pytestmark = pytest.mark.skipif(not is_installed(), reason="Gixy-Next is not installed: nginxgen[gixy]")

_PROXY = "proxy_pass http://127.0.0.1:8080;"
_TLS = "listen 443 ssl; ssl_certificate shop.pem; ssl_certificate_key shop.key;"
_TWO = "server { listen 80; server_name a.example; }\nserver { listen 80; server_name b.example; }"
_EVIL = "if ($arg_a) {\nadd_header X-A b;\n}\nif ($arg_b) {\nadd_header X-B b;\n}"
_GUESSED = "geo $is_ours {\n192.0.2.0/24 1;\n}\nserver {\nif ($is_ours = 0) {\nreturn 403;\n}\n}"


def _whole(http: str, main: str = "worker_processes auto;\nworker_rlimit_nofile 4096;", events: str = "") -> str:
    return f"{main}\nevents {{\n{events}\n}}\nhttp {{\nserver_tokens off;\n{http}\n}}\n"


def _server(inside: str) -> str:
    return _whole(f"server {{\n{inside}\n}}")


def _location(inside: str, path: str = "/") -> str:
    return _server(f"location {path} {{\n{inside}\n}}")


BOTH = {
    "add_header_multiline": _server('add_header X-Policy "a\n b";'),
    "add_header_redefinition": _server("add_header X-Frame-Options DENY;\nlocation / {\nadd_header X-A b;\n}"),
    "alias_traversal": _location("alias /srv/files/;", "/files"),
    "allow_without_deny": _location("allow 192.0.2.1;"),
    "default_server_flag": _whole(_TWO),
    "error_log_off": _server("error_log off;"),
    "filesystem_root_exposure": _server("root /;"),
    "hash_without_default": _whole(_GUESSED),
    "host_spoofing": _location(f"proxy_set_header Host $http_host;\n{_PROXY}"),
    "http_splitting": _server("return 301 https://a.example$uri;"),
    "if_is_evil": _location(_EVIL),
    "invalid_regex": _location("return 301 /new/$1;", "/old/"),
    "low_keepalive_requests": _server("keepalive_requests 20;"),
    "missing_worker_processes": _whole("server { listen 80; }", main=""),
    "origins": _location(
        "if ($http_origin ~ https://a.example) {\nadd_header Access-Control-Allow-Origin $http_origin;\n}"
    ),
    "overlapping_captures": _server("rewrite ^/((a)b)/ https://c.example/$1/$2 redirect;"),
    "proxy_buffering_off": _whole(f"proxy_buffering off;\nserver {{ location / {{ {_PROXY} }} }}"),
    "proxy_pass_normalized": _location("proxy_pass http://127.0.0.1:8080/v1/;", "/api"),
    "proxy_set_header_redefinition": _server(
        f"proxy_set_header Host $host;\nlocation / {{\nproxy_set_header X-A b;\n{_PROXY}\n}}"
    ),
    "resolver_external": _server("resolver 8.8.8.8;"),
    "return_bypasses_allow_deny": _location("allow 192.0.2.1;\ndeny all;\nreturn 200 secret;"),
    "ssl_stapling_without_resolver": _server(f"{_TLS}\nssl_stapling on;"),
    "ssrf": _location("proxy_pass http://$arg_host;"),
    "stale_dns_cache": _location("proxy_pass http://backend.example.org;"),
    "status_page_exposed": _server("listen 80;\nlocation /status {\nstub_status;\n}"),
    "unanchored_regex": _location("fastcgi_pass 127.0.0.1:9000;", "~ \\.php"),
    "unnamed_groups": _server("rewrite ^/(a.*)$ /b?x=1;\nset $c $1;"),
    "valid_referers": _location("valid_referers none blocked a.example;\nif ($invalid_referer) {\nreturn 403;\n}"),
    "version_disclosure": _server("server_tokens on;"),
    "worker_rlimit_nofile_vs_connections": _whole(
        "server { listen 80; }", "worker_processes auto;\nworker_rlimit_nofile 1024;", "worker_connections 2048;"
    ),
}
"""For each check that a rule of ours covers, a text that both find fault with."""

ONLY_ITS_OWN = {
    "add_header_content_type": _location("add_header Content-Type text/html;"),
    "http2_misdirected_request": _server("listen 443 ssl default_server;\nhttp2 on;\nssl_reject_handshake on;"),
    "mixed_case_variable": _server("set $Shop a;\nadd_header X-Shop $shop;"),
    "quic_bpf_reuseport": _whole(
        "server {\nlisten 443 quic reuseport; ssl_certificate a; ssl_certificate_key b;\n}",
        "quic_bpf on;\nworker_processes auto;",
    ),
    "ssl_ecdh_curve": _server("ssl_ecdh_curve X25519MLKEM768:X25519;"),
    "ssl_stapling_letsencrypt": _server(
        "listen 443 ssl;\nresolver 127.0.0.1;\nssl_stapling on;\nssl_certificate_key key;\n"
        "ssl_certificate /etc/letsencrypt/live/a.example/fullchain.pem;"
    ),
    "try_files_is_evil_too": _location("try_files $uri =404;"),
}
"""The same for the others; regex_redos is silent without a server to ask."""


@cache
def _checks() -> frozenset[str]:
    """The names of the installed Gixy-Next's checks."""
    found = find_spec("gixy.plugins")
    assert found is not None
    assert found.submodule_search_locations
    names = {path.stem for folder in found.submodule_search_locations for path in Path(folder).glob("*.py")}
    return frozenset(names - {"__init__", "plugin"})


Findings = Callable[[str], tuple[list[Diagnostic], list[str], list[str]]]


@pytest.fixture
def findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Findings:
    """What our rules find in a text; the checks of Gixy-Next that fire by themselves; and those that are shown."""

    def find(text: str) -> tuple[list[Diagnostic], list[str], list[str]]:
        file = tmp_path / "nginx.conf"
        file.write_text(text, encoding="utf-8")
        configuration = read_configuration([str(file)])
        own = lint(Subject(configuration, ANY))
        alone, merged = list(gixy_findings(configuration, [])), list(gixy_findings(configuration, own))
        assert all(isinstance(one.where, Spot) for one in alone)
        return own, [one.code for one in alone], [one.code for one in merged]

    return find


def test_every_check_of_gixy_is_spoken_for(record_property: Callable[[str, object], None]) -> None:
    assert COVERED.keys() | NOT_COVERED.keys() == _checks()
    assert not COVERED.keys() & NOT_COVERED.keys()
    assert {code for codes in COVERED.values() for code in codes} <= RULES.keys()
    width = max(map(len, _checks()))
    record_property("figures", f"Gixy-Next: {len(COVERED)} of its {len(_checks())} checks are covered by rules of ours")
    for name in sorted(_checks()):
        codes = ", ".join(f"{code} {RULES[code].name}" for code in COVERED.get(name, ()))
        record_property("figures", f"  {name:{width}}  {codes or f'- {NOT_COVERED[name]}'}")


def test_every_check_has_a_text() -> None:
    assert BOTH.keys() == COVERED.keys()
    assert ONLY_ITS_OWN.keys() == NOT_COVERED.keys() - {"regex_redos"}


@pytest.mark.parametrize("name", BOTH)
def test_what_both_find_is_told_once(name: str, findings: Findings) -> None:
    own, alone, merged = findings(BOTH[name])
    assert f"gixy:{name}" in alone
    assert {one.code for one in own} & set(COVERED[name])
    assert f"gixy:{name}" not in merged


@pytest.mark.parametrize("name", ONLY_ITS_OWN)
def test_what_only_gixy_finds_is_shown_as_its_own(name: str, findings: Findings) -> None:
    _, alone, merged = findings(ONLY_ITS_OWN[name])
    assert f"gixy:{name}" in alone
    assert f"gixy:{name}" in merged


def test_another_place_is_another_finding(findings: Findings) -> None:
    """What a rule says of the server says nothing of a location in it, where Gixy-Next alone sees something."""
    text = _server("keepalive_requests 20;\nlocation / {\nkeepalive_requests 500;\n}")
    _, alone, merged = findings(text)
    assert alone.count("gixy:low_keepalive_requests") == 2
    assert merged.count("gixy:low_keepalive_requests") == 1


def test_from_outside(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text(ONLY_ITS_OWN["try_files_is_evil_too"])
    done = nginxgen("lint", "nginx.conf", "--format", "json", cwd=tmp_path)
    assert "gixy:try_files_is_evil_too" in {one["code"] for one in json.loads(done.out)}
    done = nginxgen("lint", "nginx.conf", "--format", "json", "--no-gixy", cwd=tmp_path)
    assert not [one for one in json.loads(done.out) if one["code"].startswith("gixy:")]


def test_what_is_ignored_does_not_come_back_as_gixys(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text(BOTH["host_spoofing"])
    done = nginxgen("lint", "nginx.conf", "--format", "json", "--ignore", "NG203", cwd=tmp_path)
    assert not {one["code"] for one in json.loads(done.out)} & {"NG203", "gixy:host_spoofing"}


def test_no_network_is_asked(tmp_path: Path) -> None:
    """With a proxy that takes connections and never answers, and a name server that does not exist, nothing waits."""
    file = tmp_path / "nginx.conf"
    file.write_text(BOTH["origins"] + "\n")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setblocking(False)
        proxy = f"http://127.0.0.1:{silent.getsockname()[1]}"
        env = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), proxy)
        done = nginxgen("lint", "nginx.conf", cwd=tmp_path, env=env)
        assert done.code == 1
        assert "NG221" in done.out
        with pytest.raises(BlockingIOError):
            silent.accept()
