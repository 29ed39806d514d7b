"""What a real nginx says of mistakes that only nginx can know: in its words, at the line of cluster.toml at fault."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

from nginxgen import Diagnostic, Rendered, Severity, Verdict, load, render
from nginxgen.proof.asking import ask_nginx
from nginxgen.proof.binary import NginxBinary

MARK = "#<"
"""Behind the lines of which a message may say that they made the mistake."""

SERVER = "[[server]]\nlisten = [8080]\n"
PROXY = f'{SERVER}[[server.location]]\npath = "/"\nproxy_pass = "http://127.0.0.1:1"\n'
BARE = 'defaults = "nginx"\n'

REFUSED = {
    "regex of a location": (
        SERVER + '[[server.location]]\npath = "~ ^/x{2,1}$" #<\nreturn = 204',
        r'pcre2?_compile\(\) failed: .* in "\^/x\{2,1\}\$"',
    ),
    "regex of a server": (
        '[[server]]\nlisten = [80]\nserver_name = [\n"a",\n"~^(?<1a>x)$", #<\n]',
        r'in "\^\(\?<1a>x\)\$"',
    ),
    "regex of a map": (
        SERVER + '[[http.map]]\nsource = "$uri"\nvariable = "$x"\n[http.map.entries]\nc = "d"\n"~^a{2,1}" = "b" #<',
        r'in "\^a\{2,1\}"',
    ),
    "regex in the hatch": (PROXY + 'directives = [\n["rewrite", "^a{2,1}$", "/x"], #<\n]', r'in "\^a\{2,1\}\$"'),
    "buffers": (
        PROXY + 'proxy_buffers = [2, "4k"] #<\nproxy_busy_buffers_size = "64k" #<',
        '"proxy_busy_buffers_size" must be less than the size of all "proxy_buffers" minus one buffer',
    ),
    "buffers of the http level": (
        PROXY + '[http]\nproxy_buffers = [2, "4k"] #<\nproxy_busy_buffers_size = "64k" #<',
        '"proxy_busy_buffers_size" must be less',
    ),
    "ciphers": (
        '[[server]]\nlisten = [443]\ntls = "a"\nssl_ciphers = "NO-SUCH" #<\n'
        '[tls.a]\ncertificate = "/a.pem"\ncertificate_key = "/a.key"',
        r'SSL_CTX_set_cipher_list\("NO-SUCH"\) failed .*no cipher match',
    ),
    "curve": (
        SERVER + 'ssl_ecdh_curve = "nosuch" #<\nssl_certificate = "/a"\nssl_certificate_key = "/b"',
        r'SSL_CTX_set1_curves_list\("nosuch"\) failed',
    ),
    "session cache": (SERVER + 'ssl_session_cache = ["shared:a:1k"] #<', 'session cache "shared:a:1k" is too small'),
    "charset": (
        SERVER + 'charset = "utf-8" #<\nsource_charset = "koi8-r" #<',
        'no "charset_map" between the charsets "koi8-r" and "utf-8"',
    ),
    "zone without room for the servers": (
        f"{PROXY}directives = [['set', '$x', 'app']]\n[upstream.app]\nzone = {{ name = 'app', size = '32k' }} #<\n"
        f"servers = {[f'10.0.0.{at}' for at in range(1, 250)]}",
        'no memory in upstream zone "app"',
    ),
    "hash that is said": (
        BARE + f'[http]\nserver_names_hash_bucket_size = 32 #<\n{SERVER}server_name = ["{"a" * 60}.example.org"] #<\n'
        f'{SERVER}server_name = ["b"]',
        "could not build server_names_hash, you should increase server_names_hash_bucket_size: (32|64)",
    ),
    "hash that is not said": (
        BARE + f'{SERVER}server_name = ["{"a" * 60}.example.org"] #<\n{SERVER}server_name = ["b"]',
        "could not build server_names_hash, you should increase server_names_hash_bucket_size: 64",
    ),
    "connections": (
        "[nginx.events]\nworker_connections = 64 #<\n[[server]]\nlisten = ['9000-9100'] #<",
        "64 worker_connections are not enough for 101 listening sockets",
    ),
    "value in the hatch": (
        SERVER + 'directives = [\n["msie_padding", "on"],\n["postpone_output", "abc"], #<\n]',
        '"postpone_output" directive invalid value',
    ),
    "value deep in the hatch": (
        PROXY + 'directives = [\n["limit_except", ["GET"], [["deny", "nosuch"]]], #<\n]',
        'invalid parameter "nosuch"',
    ),
    "condition in the hatch": (
        PROXY + 'directives = [["if", ["$uri", "===", "b"], [["return", "404"]]]] #<',
        'unexpected "===" in condition',
    ),
    "shares": (
        '[[http.split_clients]] #<\nsource = "$uri"\nvariable = "$x"\n'
        f'[http.split_clients.entries]\n"60%" = "a"\n"50%" = "b" #<\n{SERVER}',
        "percent total is greater than 100%",
    ),
    "parameter of another system": (
        "[[server]]\nlisten = [\n8081,\n{ address = 8080, setfib = 1 }, #<\n]",
        'invalid parameter "setfib=1"',
    ),
    "event method of another system": ('[nginx.events]\nuse = "kqueue" #<\n' + SERVER, 'invalid event type "kqueue"'),
    "bound address": (PROXY + 'proxy_bind = ["nohost"] #<', 'invalid address "nohost"'),
    "cache of files": (SERVER + 'open_file_cache = ["nosuch=1"] #<', 'invalid "open_file_cache" parameter "nosuch=1"'),
    "rights of stored files": (
        PROXY + 'directives = [["proxy_store_access", "user:zz"]] #<',
        'invalid value "user:zz"',
    ),
    "zone that nobody defines": (
        PROXY + 'directives = [["proxy_cache", "nosuch"]] #<',
        '"proxy_cache" zone "nosuch" is unknown',
    ),
    "variable in a buffered log of the hatch": (
        PROXY
        + 'directives = [["if", ["$https"], [["access_log", "/var/log/$host.log", "combined", "buffer=32k"]]]] #<',
        "buffered logs cannot have variables in name",
    ),
}

WARNED = {
    "media type": (SERVER + 'gzip_types = [\n"text/css",\n"text/html", #<\n]', 'duplicate MIME type "text/html"'),
    "server name": (
        '[[server]]\nlisten = [80]\nserver_name = [".example.org"]\n'
        '[[server]]\nlisten = [80]\nserver_name = ["a", "*.example.org"] #<',
        r'conflicting server name "\*\.example\.org" on 0\.0\.0\.0:80, ignored',
    ),
    "extension": (
        SERVER + '[http.types]\n"a/b" = "x"\n"c/d" = "x" #<',
        'duplicate extension "x", content type: "c/d", previous content type: "a/b"',
    ),
    "table of variables": (
        SERVER + "[http]\nvariables_hash_max_size = 8 #<",
        "could not build optimal variables_hash, you should increase either variables_hash_max_size: 8",
    ),
    "table of headers": (
        PROXY + "[http]\nproxy_headers_hash_max_size = 8 #<",
        "could not build optimal proxy_headers_hash, you should increase either proxy_headers_hash_max_size: 8",
    ),
}


def told(text: str, folder: Path, binary: NginxBinary) -> tuple[Rendered, Verdict, list[Diagnostic]]:
    """What a binary says of a cluster, notes left aside."""
    path = folder / "cluster.toml"
    path.write_text(text)
    rendered = render(load(path), "any")
    assert not rendered.diagnostics, "the mistake has to be one that only nginx knows"
    verdict = ask_nginx(rendered, binary)
    return rendered, verdict, [one for one in verdict.diagnostics if one.severity is not Severity.NOTE]


def line_of(one: Diagnostic, rendered: Rendered) -> int | None:
    assert rendered.sources
    spot = rendered.sources.spot(one.where, one.key)
    return spot and spot.file.position(spot.span.start)[0]


def check_message(found: list[Diagnostic], rendered: Rendered, text: str, words: str, binary: NginxBinary) -> None:
    (one,) = dict.fromkeys(found)
    assert one.message.startswith(f"nginx {binary.target.lowest}: ")
    assert re.search(words, one.message), one.message
    assert tempfile.gettempdir() not in one.message
    assert "nginx.conf" not in one.message
    marked = {at for at, line in enumerate(text.splitlines(), 1) if MARK in line}
    assert line_of(one, rendered) in marked, one.message


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_refusal(mistake: str, nginx: NginxBinary, tmp_path: Path) -> None:
    text, words = REFUSED[mistake]
    rendered, verdict, found = told(text, tmp_path, nginx)
    assert not verdict.accepted
    assert {(one.code, one.severity) for one in found} == {("NG040", Severity.ERROR)}
    check_message(found, rendered, text, words, nginx)


@pytest.mark.parametrize("mistake", WARNED)
def test_a_warning_is_a_finding(mistake: str, nginx: NginxBinary, tmp_path: Path) -> None:
    text, words = WARNED[mistake]
    rendered, verdict, found = told(text, tmp_path, nginx)
    assert verdict.accepted
    assert {(one.code, one.severity) for one in found} == {("NG041", Severity.WARNING)}
    check_message(found, rendered, text, words, nginx)


def test_several_warnings_are_all_told(nginx: NginxBinary, tmp_path: Path) -> None:
    text = SERVER + 'gzip_types = ["text/html"]\ncharset_types = ["text/html"]\n'
    text += SERVER.replace("8080", "8081") + 'gzip_types = ["text/html"]'
    rendered, _, found = told(text, tmp_path, nginx)
    assert {line_of(one, rendered) for one in found} == {3, 4, 7}


def test_an_address_in_a_message_is_the_one_in_the_file(nginx: NginxBinary, tmp_path: Path) -> None:
    server = '[[server]]\nlisten = [{ address = "203.0.113.5:443", ssl = true }]\n'
    server += 'ssl_certificate = "/a"\nssl_certificate_key = "/b"\n'
    text = server + 'server_name = [".example.org"]\n' + server + 'server_name = ["*.example.org"]\n'
    _, _, (one,) = told(text, tmp_path, nginx)
    assert 'conflicting server name "*.example.org" on 203.0.113.5:443, ignored' in one.message


@pytest.mark.parametrize(
    ("included", "words"),
    [
        ("add_header X-A y;\n\n\nno_such_directive on;\n", 'unknown directive "no_such_directive"'),
        ("# comment\n" * 12 + "postpone_output abc;\n", '"postpone_output" directive invalid value'),
        ("server_name", "unexpected end of file"),
    ],
)
def test_a_mistake_in_an_included_file_is_shown_where_that_is_included(
    included: str, words: str, nginx: NginxBinary, tmp_path: Path
) -> None:
    other = tmp_path / "own.conf"
    other.write_text(included)
    text = f'{SERVER}server_name = ["a"]\ninclude = ["{other}"] #<\nroot = "/srv"\n'
    rendered, verdict, (one,) = told(text, tmp_path, nginx)
    assert not verdict.accepted
    assert words in one.message
    assert str(other) in one.message, "the file that is wrong has to be named"
    assert f":{included.count(chr(10)) or 1}" in one.message, "and its line"
    assert line_of(one, rendered) == 4
