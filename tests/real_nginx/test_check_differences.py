"""Target and binary differ, in both directions: what can be shown is shown, what cannot is listed, nothing is wrong.

Each case says which words have to be listed; what is not among them has been tested by the binary.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nginxgen import ConfigError, Severity, Verdict, load, render
from nginxgen.proof.asking import ask_nginx
from nginxgen.proof.binary import NginxBinary

TLS = '[tls.site]\ncertificate = "/nosuch/a.pem"\ncertificate_key = "/nosuch/a.key"\n'
PLAIN = "[[server]]\nlisten = [80]\n"
PROXY = '[[server.location]]\npath = "/"\nupstream = "app"\n'

# What a file says, since when nginx has it, and a pattern of what is listed by an older one.
NEWER = {
    "keepalive_min_timeout": ('[http]\nkeepalive_min_timeout = "2s"\n' + PLAIN, (1, 27, 4), "keepalive_min_timeout"),
    "http2": (f'{TLS}[[server]]\nlisten = [443]\ntls = "site"\nhttp2 = true\n', (1, 25, 1), "http2"),
    "resolve": (
        '[http]\nresolver = "127.0.0.1"\n[upstream.app]\nzone = true\n'
        f'servers = [{{ address = "a.invalid", resolve = true }}]\n{PLAIN}{PROXY}',
        (1, 27, 3),
        "resolve",
    ),
    "service": (
        '[http]\nresolver = "127.0.0.1"\n[upstream.app]\nzone = true\n'
        f'servers = [{{ address = "a.invalid", resolve = true, service = "http" }}]\n{PLAIN}{PROXY}',
        (1, 27, 3),
        "(resolve|service=http)",
    ),
    "sticky": (
        f'[upstream.app]\nservers = ["a.invalid"]\nsticky = {{ method = "cookie", name = "srv" }}\n{PLAIN}{PROXY}',
        (1, 29, 6),
        "sticky",
    ),
    "route and drain": (
        f'[upstream.app]\nservers = [{{ address = "a.lan", route = "a", drain = true }}, "b.lan"]\n{PLAIN}{PROXY}',
        (1, 29, 6),
        "(route=a|drain)",
    ),
    "local connections": (
        f'[upstream.app]\nservers = ["a.invalid"]\nkeepalive = {{ connections = 8, local = true }}\n{PLAIN}{PROXY}',
        (1, 29, 7),
        "keepalive",
    ),
    "least_time": (
        '[upstream.app]\nservers = ["a.invalid"]\nbalance = { method = "least_time", measure = "header" }\n'
        f"{PLAIN}{PROXY}",
        (1, 31, 0),
        "least_time",
    ),
    "HTTP 2 to the backend": (
        f'[upstream.app]\nservers = ["a.invalid"]\n{PLAIN}{PROXY}proxy_http_version = "2"\n',
        (1, 29, 4),
        "proxy_http_version",
    ),
    "a variable": ('[[server]]\nlisten = [80]\nreturn = [200, "$request_port"]\n', (1, 29, 3), "request_port"),
    "add_header_inherit": (
        '[[server]]\nlisten = [80]\nadd_header = { X-A = "b" }\nadd_header_inherit = "merge"\n',
        (1, 29, 3),
        "add_header_inherit",
    ),
    "in the hatch": (
        '[[server]]\nlisten = [80]\ndirectives = [["ssl_certificate_cache", "off"]]\n',
        (1, 27, 4),
        "ssl_certificate_cache",
    ),
    "multipath": ("[[server]]\nlisten = [{ address = 80, multipath = true }]\n", (1, 29, 7), "multipath"),
    "ipv4 of a resolver": (
        '[http]\nresolver = { addresses = "127.0.0.1", ipv4 = false }\n' + PLAIN,
        (1, 23, 1),
        "ipv4=off",
    ),
}

# What a file says, the module it needs, and a pattern of what is listed by a binary without that.
MODULES = {
    "stub_status": (
        '[[server]]\nlisten = [80]\n[[server.location]]\npath = "= /status"\nstub_status = true\n',
        "http_stub_status_module",
        "stub_status",
    ),
    "gzip_static": ("[[server]]\nlisten = [80]\ngzip_static = true\n", "http_gzip_static_module", "gzip_static"),
    "sub_filter": (
        '[[server]]\nlisten = [80]\ndirectives = [["sub_filter", "a", "b"]]\n',
        "http_sub_module",
        "sub_filter",
    ),
    "http3": (
        f'{TLS}[[server]]\nlisten = [443, {{ address = 443, quic = true }}]\ntls = "site"\nhttp3 = true\n',
        "http_v3_module",
        "(http3|quic|QUIC)",
    ),
    "a listener for quic alone": (
        f'{TLS}[[server]]\nlisten = [{{ address = 443, quic = true }}]\ntls = "site"\n',
        "http_v3_module",
        "(quic|QUIC)",
    ),
    "variables of quic": (
        '[[server]]\nlisten = [80]\nreturn = [200, "$http3"]\n',
        "http_v3_module",
        "http3",
    ),
}


def verdict_on(text: str, target: str, binary: NginxBinary, folder: Path) -> Verdict:
    path = folder / "cluster.toml"
    path.write_text(text)
    rendered = render(load(path), target)
    verdict = ask_nginx(rendered, binary)
    assert verdict.accepted, verdict.diagnostics
    found = [one for one in verdict.diagnostics if one.severity is not Severity.NOTE]
    assert found == [], "the difference is nobody's mistake"
    notes = {re.sub(r"^not shown by nginx [0-9.]+: ", "", one.message) for one in verdict.diagnostics}
    assert len(notes) == len(set(verdict.not_shown))
    assert all(one.code == "NG042" and one.where is not None for one in verdict.diagnostics)
    return verdict


@pytest.mark.parametrize("case", NEWER)
def test_a_newer_target(case: str, nginx: NginxBinary, tmp_path: Path) -> None:
    text, since, listed = NEWER[case]
    verdict = verdict_on('defaults = "nginx"\n' + text, "1.31.4", nginx, tmp_path)
    if nginx.target.lowest >= since:
        assert verdict.not_shown == ()
    else:
        assert verdict.not_shown
        assert all(re.search(listed, one) for one in verdict.not_shown), verdict.not_shown


def test_what_is_listed_of_a_whole_cluster(nginx: NginxBinary, tmp_path: Path) -> None:
    text = f"""
[http]
resolver = "dns.internal"
keepalive_min_timeout = "2s"
http2 = true
[upstream.app]
servers = [{{ address = "a.invalid:80", resolve = true, route = "a" }}, {{ address = "b.invalid", drain = true }}]
sticky = {{ method = "cookie", name = "srv" }}
[[server]]
listen = [443]
tls = "site"
{PROXY}
{TLS}
"""
    verdict = verdict_on(text, "1.30", nginx, tmp_path)
    listed = " ".join(verdict.not_shown)
    words = ("keepalive_min_timeout", "http2", "resolve", "route=a", "drain", "sticky", "request_port")
    older = nginx.target.lowest < (1, 25)
    assert [word for word in words if word in listed] == (list(words) if older else [])


@pytest.mark.parametrize("case", MODULES)
def test_a_binary_without_a_module(case: str, nginx: NginxBinary, tmp_path: Path) -> None:
    text, module, listed = MODULES[case]
    verdict = verdict_on('defaults = "nginx"\n' + text, "1.31.4", nginx, tmp_path)
    if f"with-{module}" in (nginx.target.configured or ()):
        assert verdict.not_shown == ()
    else:
        assert verdict.not_shown
        assert all(re.search(listed, one) for one in verdict.not_shown), verdict.not_shown


@pytest.mark.parametrize(
    "text",
    [
        f'{TLS}[http]\nhttp2 = true\n[[server]]\nlisten = [443, "203.0.113.5:443"]\ntls = "site"\n',
        f'{TLS}[[server]]\nlisten = [{{ address = 443, http2 = true }}]\ntls = "site"\nserver_name = ["a"]\n',
        f'[upstream.app]\nservers = ["a.invalid"]\nkeepalive = 8\n{PLAIN}{PROXY}websocket = true\n',
        f'{TLS}[[server]]\nlisten = [443]\ntls = "site"\nssl_prefer_server_ciphers = true\n',
    ],
)
@pytest.mark.parametrize("target", ["1.18", "debian-12"])
def test_an_older_target_is_shown_by_a_newer_nginx(text: str, target: str, nginx: NginxBinary, tmp_path: Path) -> None:
    assert verdict_on(text, target, nginx, tmp_path).not_shown == ()


@pytest.mark.parametrize("directive", ["http2_max_requests", "http2_idle_timeout", "http2_push_preload"])
def test_what_newer_nginx_only_warns_of_is_no_finding_for_an_older_target(
    directive: str, nginx: NginxBinary, tmp_path: Path
) -> None:
    value = "on" if directive == "http2_push_preload" else "100"
    text = f'[[server]]\nlisten = [80]\ndirectives = [["{directive}", "{value}"]]\n'
    verdict = verdict_on(text, "1.18", nginx, tmp_path)
    assert all(directive in one for one in verdict.not_shown)


def test_a_binary_is_its_own_target(nginx: NginxBinary, tmp_path: Path) -> None:
    path = tmp_path / "cluster.toml"
    path.write_text(f'[upstream.app]\nservers = ["a.invalid"]\n{PLAIN}{PROXY}')
    verdict = ask_nginx(render(load(path), nginx.target), nginx)
    assert (verdict.accepted, verdict.diagnostics, verdict.not_shown) == (True, (), ())


def test_a_target_with_modules_refuses_what_they_would_have(nginx: NginxBinary, tmp_path: Path) -> None:
    path = tmp_path / "cluster.toml"
    path.write_text('[[server]]\nlisten = [80]\n[[server.location]]\npath = "= /status"\nstub_status = true\n')
    if "with-http_stub_status_module" in (nginx.target.configured or ()):
        assert "stub_status;" in render(load(path), nginx.target).text
        return
    with pytest.raises(ConfigError) as refused:
        render(load(path), nginx.target)
    (one,) = refused.value.diagnostics
    assert one.code == "NG030"
    assert "stub_status" in one.message
    assert one.where == ("server", 0, "location", 0, "stub_status")
