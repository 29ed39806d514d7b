"""``check`` is hermetic: it needs nothing of the machine that the file is for, and leaves nothing on this one."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from nginxgen import load, render
from nginxgen.proof.asking import ask_nginx
from nginxgen.proof.binary import NginxBinary
from support.nobody import run_as_nobody

ELSEWHERE = """
[nginx]
user = { name = "nosuchuser", group = "nosuchgroup" }
pid = "/run/nosuch/nginx.pid"
lock_file = "/run/nosuch/nginx.lock"
working_directory = "/nosuch/cores"
error_log = ["/var/log/nosuch/error.log", { target = "syslog:server=log.invalid", level = "warn" }]

[http]
access_log = ["/var/log/nosuch/access.log", "/var/log/nosuch/$host.log"]
resolver = ["dns.internal", "203.0.113.53:5353"]
client_body_temp_path = ["/var/cache/nosuch/body", "1", "2"]
proxy_temp_path = ["/var/cache/nosuch/proxy"]
directives = [["proxy_cache_path", "/var/cache/nosuch/pages", "keys_zone=pages:1m"]]

[upstream.app]
servers = ["app.internal:8080", "no-such-host.invalid", "unix:/run/nosuch/app.sock", "[2001:db8::5]:80"]

[tls.site]
certificate = ["/etc/nosuch/ecdsa.pem", "/etc/nosuch/rsa.pem"]
certificate_key = ["/etc/nosuch/ecdsa.key", "/etc/nosuch/rsa.key"]
client_certificate = "/etc/nosuch/clients.pem"
crl = "/etc/nosuch/clients.crl"

[[server]]
listen = [443, "203.0.113.5:443", "[2001:db8::1]:443", "www.no-such-host.invalid:8443"]
server_name = ["example.org"]
tls = "site"
ssl_password_file = "/etc/nosuch/passwords"
ssl_trusted_certificate = "/etc/nosuch/issuers.pem"
ssl_session_ticket_key = ["/etc/nosuch/ticket.key"]
https_redirect = true
error_log = "/var/log/nosuch/site-error.log"

[[server.location]]
path = "/"
upstream = "app"
auth_basic = "members"
auth_basic_user_file = "/etc/nosuch/htpasswd"

[[server.location]]
path = "/other/"
proxy_pass = "https://other.internal/x"
proxy_ssl_certificate = "/etc/nosuch/client.pem"
proxy_ssl_certificate_key = "/etc/nosuch/client.key"
proxy_ssl_trusted_certificate = "/etc/nosuch/issuers.pem"
proxy_ssl_crl = "/etc/nosuch/issuers.crl"
proxy_bind = ["203.0.113.9"]

[[server.location]]
path = "/php/"
fastcgi_pass = "php.internal:9000"

[[server.location]]
path = "/py/"
uwsgi_pass = "uwsgi.internal:9001"

[[server.location]]
path = "/rpc/"
grpc_pass = "grpcs://rpc.internal:50051"

[[server.location]]
path = "/old/"
directives = [["scgi_pass", "scgi.internal:4000"]]

[[server.location]]
path = "/memory/"
directives = [["set", "$memcached_key", "$uri"], ["memcached_pass", "memcached.internal:11211"]]

[[server]]
listen = [80, "203.0.113.5:80", "127.0.0.1:81", "*:82", "unix:/run/nosuch/nginx.sock", "900-905"]
server_name = ["plain.example.org"]
root = "/srv/nosuch"
"""
"""A cluster for another machine, which has nothing of what is here."""

AS_NOBODY = """
import json
from nginxgen import load, render
from nginxgen.proof.binary import examine
from nginxgen.proof.asking import ask_nginx
rendered = render(load(sys.argv[1]))
binary = examine(sys.argv[2])
ask_nginx(rendered, binary)
become_nobody()
assert not os.access("/etc/shadow", os.R_OK)
verdict = ask_nginx(rendered, binary)
print(json.dumps([verdict.accepted, [one.message for one in verdict.diagnostics], list(verdict.not_shown)]))
"""


def verdict_as_nobody(text: str, binary: NginxBinary, public: Path, *before: str) -> tuple[bool, list[str], list[str]]:
    (public / "cluster.toml").write_text(text)
    program = Path(shutil.copy(binary.path, public / "nginx"))
    program.chmod(0o755)
    printed = run_as_nobody(AS_NOBODY, public / "cluster.toml", program, before=before, TMPDIR=str(public))
    accepted, messages, not_shown = json.loads(printed)
    assert sorted(one.name for one in public.iterdir()) == ["cluster.toml", "nginx"], "something was left behind"
    return accepted, messages, not_shown


def accepted(text: str, binary: NginxBinary, folder: Path) -> list[str]:
    """What is said of a cluster that a binary has to accept."""
    path = folder / "cluster.toml"
    path.write_text(text)
    verdict = ask_nginx(render(load(path)), binary)
    assert verdict.accepted, verdict.diagnostics
    assert {one.code for one in verdict.diagnostics} <= {"NG042"}, verdict.diagnostics
    return list(verdict.not_shown)


def test_a_cluster_for_another_machine_is_shown_whole(nginx: NginxBinary, tmp_path: Path) -> None:
    assert accepted(ELSEWHERE, nginx, tmp_path) == []


def test_nobody_may_check(nginx: NginxBinary, public: Path) -> None:
    assert verdict_as_nobody(ELSEWHERE, nginx, public) == (True, [], [])


def test_no_network_is_needed(nginx: NginxBinary, public: Path) -> None:
    alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("this system does not let us have a network of our own")
    assert verdict_as_nobody(ELSEWHERE, nginx, public, *alone) == (True, [], [])


def test_busy_ports_do_not_matter(nginx: NginxBinary, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("0.0.0.0", 0)) as other:
        ports = one.getsockname()[1], other.getsockname()[1]
        text = f'[[server]]\nlisten = ["127.0.0.1:{ports[0]}", {ports[1]}]\n'
        assert accepted(text, nginx, tmp_path) == []


@pytest.mark.parametrize(
    "listen",
    [
        "[80, 20080]",
        "[80, 443, 20443, 8080, 20081, 81]",
        '["10-12", "20010", "20012-20014"]',
        '["127.0.0.1:80", "127.0.0.1:20080", "127.0.0.1:8080"]',
        '["localhost:80", "127.0.0.1:80"]',
        '["a.invalid:80", "b.invalid:80", "203.0.113.5:80", "203.0.113.6:80", "*:80"]',
        '["[::]:80", "[::1]:80", "[2001:db8::1]:80", "[2001:db8::2]:80", "[2001:db8::2]:8080", 80]',
        '["unix:/run/a.sock", "unix:/run/b.sock", 65535, 1, 1023, 1024]',
        '["1-3", 4, "1024-1030"]',
    ],
)
def test_what_can_listen_together_there_can_be_tested_together_here(
    listen: str, nginx: NginxBinary, tmp_path: Path
) -> None:
    assert accepted(f"[[server]]\nlisten = {listen}\n", nginx, tmp_path) == []


@pytest.mark.parametrize(
    ("where", "missing"),
    [
        ("[nginx]\nload_module = ['modules/ngx_nosuch_module.so']", "modules/ngx_nosuch_module.so"),
        ("[nginx]\ninclude = ['/etc/nosuch/main.conf']", "/etc/nosuch/main.conf"),
        ("[http]\ninclude = ['nosuch/http.conf']", "nosuch/http.conf"),
        ("[[server]]\nlisten = [81]\ninclude = ['/etc/nosuch/server.conf']", "/etc/nosuch/server.conf"),
        ("[nginx.events]\ndirectives = [['include', '/etc/nosuch/events.conf']]", "/etc/nosuch/events.conf"),
        (
            "[[server.location]]\npath = '/'\ndirectives = [['if', ['$https'], [['include', '/etc/nosuch.conf']]]]",
            "/etc/nosuch.conf",
        ),
        ("[http]\ndirectives = [['map', ['$uri', '$x'], [['include', '/etc/nosuch.map']]]]", "/etc/nosuch.map"),
        ("[http]\ndirectives = [['types', [], [['include', '/etc/nosuch.types']]]]", "/etc/nosuch.types"),
        ("[[server]]\nlisten = [81]\nssl_dhparam = '/etc/nosuch/dh.pem'", "/etc/nosuch/dh.pem"),
    ],
)
def test_files_of_another_machine_are_left_out_and_listed(
    where: str, missing: str, nginx: NginxBinary, tmp_path: Path
) -> None:
    (left_out,) = accepted(f"[[server]]\nlisten = [80]\n{where}\n", nginx, tmp_path)
    assert missing in left_out


def test_directives_of_a_module_that_is_not_here_are_left_out_with_it(nginx: NginxBinary, tmp_path: Path) -> None:
    text = """
[nginx]
load_module = ["modules/ngx_stream_module.so", "modules/ngx_http_nosuch_module.so"]
directives = [["stream", [], [["server", [], [["listen", "5432"], ["proxy_pass", "127.0.0.1:5433"]]]]]]
[[server]]
listen = [80]
directives = [["nosuch_directive", "on"]]
"""
    left_out = " ".join(accepted(text, nginx, tmp_path))
    assert "ngx_stream_module.so" in left_out
    assert "nosuch_directive" in left_out


@pytest.mark.parametrize("relative", [True, False])
def test_an_include_that_is_here_is_read(
    relative: bool, nginx: NginxBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "headers.conf").write_text("add_header X-Here yes;\n")
    monkeypatch.chdir(tmp_path)
    name = "headers.conf" if relative else tmp_path / "headers.conf"
    left_out = accepted(f"[[server]]\nlisten = [80]\ninclude = ['{name}']\n", nginx, tmp_path)
    # Where nginx would look for a relative name is known there only: reading it and leaving it out are both right.
    assert left_out == [] or (relative and "headers.conf" in left_out[0])


@pytest.mark.parametrize(
    "inside",
    [
        "\n\n\nlisten 443 ssl;\nssl_certificate /nosuch/a.pem;\nssl_certificate_key /nosuch/a.key;\n",
        "# comment\n" * 20 + "include /nosuch/more.conf;\n",
    ],
)
def test_what_an_included_file_needs_may_be_elsewhere_too(inside: str, nginx: NginxBinary, tmp_path: Path) -> None:
    (tmp_path / "own.conf").write_text(inside)
    text = f"[[server]]\nlisten = [80]\nserver_name = ['a']\ninclude = ['{tmp_path}/own.conf']\nroot = '/srv'\n"
    (left_out,) = accepted(text, nginx, tmp_path)
    assert "own.conf" in left_out or "/nosuch/" in left_out


def stream(inside: str) -> str:
    return f"[nginx]\ndirectives = [['stream', [], [{inside}]]]\n[[server]]\nlisten = [80]\n"


@pytest.mark.parametrize(
    "inside",
    [
        "['server', [], [['listen', '53', 'udp'], ['proxy_pass', 'dns.internal:53']]]",
        "['upstream', ['db'], [['server', 'db.internal:5432']]], "
        "['server', [], [['listen', '203.0.113.5:5432'], ['proxy_pass', 'db']]]",
        "['server', [], [['listen', '443', 'ssl'], ['ssl_certificate', '/nosuch'], ['ssl_certificate_key', '/nosuch'], "
        "['proxy_pass', '127.0.0.1:1'], ['error_log', '/var/log/nosuch/stream.log']]]",
    ],
)
def test_streams_in_the_hatch_need_nothing_either(inside: str, nginx: NginxBinary, tmp_path: Path) -> None:
    if "with-stream" in (nginx.target.configured or ()):
        assert accepted(stream(inside), nginx, tmp_path) == []
    else:  # Debian's has the module in a file of its own, which nobody asked to load
        (tmp_path / "cluster.toml").write_text(stream(inside))
        refused = ask_nginx(render(load(tmp_path / "cluster.toml")), nginx)
        assert [one.message for one in refused.diagnostics] == [
            "not shown by nginx 1.22.1: nginx 1.22.1 is built without ngx_stream, which has stream"
        ]


def files_below(folder: Path) -> dict[Path, bytes | None]:
    return {one: one.read_bytes() if one.is_file() else None for one in folder.rglob("*")}


def processes_with(text: str) -> list[str]:
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = one.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in command:
            found.append(command)
    return found


@pytest.mark.parametrize("fine", [True, False])
def test_leaves_nothing_behind(fine: bool, nginx: NginxBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Every path is one that could be written to: nothing may be.
    there, temporary, work = tmp_path / "there", tmp_path / "temporary", tmp_path / "work"
    for folder in (there, temporary, work):
        folder.mkdir()
    text = ELSEWHERE.replace("/run/nosuch", str(there)).replace("/var/log/nosuch", str(there))
    text = text.replace("/var/cache/nosuch", str(there))
    text += "" if fine else 'charset = "utf-8"\nsource_charset = "koi8-r"\n'
    (work / "cluster.toml").write_text(text)
    rendered = render(load(work / "cluster.toml"))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(work)
    before = files_below(tmp_path)
    verdict = ask_nginx(rendered, nginx)
    assert verdict.accepted is fine
    assert files_below(tmp_path) == before
    assert processes_with(str(temporary)) == []


def test_an_include_that_is_here_writes_no_logs(nginx: NginxBinary, tmp_path: Path) -> None:
    (tmp_path / "own.conf").write_text(f"access_log {tmp_path}/access.log;\nerror_log {tmp_path}/error.log;\n")
    accepted(f"[[server]]\nlisten = [80]\ninclude = ['{tmp_path}/own.conf']\n", nginx, tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["cluster.toml", "own.conf"]
