"""What is claimed of the wire is what is seen there: on both binaries, by backends and by clients."""

from __future__ import annotations

import itertools
import socket
import ssl
from pathlib import Path

import pytest

from nginxgen import Target
from nginxgen.change.differences import Change, Side
from nginxgen.change.parts import levels_of, parts_of
from nginxgen.change.wire import behaviours, find_wire_changes
from nginxgen.foreign import parse_text
from nginxgen.proof.binary import NginxBinary
from nginxgen.proof.certificate import certificate_pem, key_pem
from support.running import Client, Recorder, free_port, recording_backend, running_nginx

VERSIONS = (None, "1.0", "1.1")
CONNECTIONS = (None, '""', "close", "keep-alive")
GROUPS = {
    "address": "",
    "group": "upstream app { server 127.0.0.1:BACKEND; }",
    "keepalive": "upstream app { server 127.0.0.1:BACKEND; keepalive 4; }",
    "method before keepalive": "upstream app { least_conn; server 127.0.0.1:BACKEND; keepalive 4; }",
    "method after keepalive": "upstream app { server 127.0.0.1:BACKEND; keepalive 4; least_conn; }",
}
EACH = "a new one for each request"


def side(text: str, target: Target) -> Side:
    """A configuration as one nginx understands it."""
    return Side(parts_of(levels_of(parse_text(text))), target)


def claims(text: str, target: Target) -> dict[str, str]:
    """What is told of a configuration, whatever part does it."""
    return {name: told for _, name, told in behaviours(side(text, target))}


def configuration(server: str, group: str = "") -> str:
    """A whole configuration that proxies or answers on PORT."""
    return (
        "worker_processes 1;\nevents {\n}\nhttp {\n    access_log off;\n"
        f"    {group}\n    server {{\n        {server}\n    }}\n}}\n"
    )


def seen(nginx: NginxBinary, text: str, port: int, backend: Recorder, paths: tuple[str, ...]) -> tuple[str, str, int]:
    """The version and the Connection header of requests, and how many connections they came on."""
    with running_nginx(nginx, text, port), Client(port) as client:
        for path in paths:
            assert client.get(path).status == 200
    (version,) = {one.line.split(" ")[2] for one in backend.requests}
    (connection,) = {", ".join(one.get("Connection")) or "none" for one in backend.requests}
    return version, connection, backend.connections


@pytest.mark.nginx
@pytest.mark.parametrize("kind", GROUPS)
def test_backends_see_what_is_claimed(nginx: NginxBinary, kind: str) -> None:
    group = GROUPS[kind]
    for version, connection in itertools.product(VERSIONS, CONNECTIONS):
        with recording_backend() as backend:
            port = free_port()
            url = "http://app" if group else f"http://127.0.0.1:{backend.port}"
            location = f"proxy_pass {url};"
            location += f" proxy_http_version {version};" if version else ""
            location += f" proxy_set_header Connection {connection};" if connection else ""
            text = configuration(
                f"listen 127.0.0.1:{port}; location / {{ {location} }}", group.replace("BACKEND", str(backend.port))
            )
            told = claims(text, nginx.target)
            kept = told.get(f"connections to {url}", EACH)
            expected = (told[f"requests to {url}"], told[f"Connection header to {url}"], 3 if kept == EACH else 1)
            assert seen(nginx, text, port, backend, ("/", "/", "/")) == expected, (version, connection)


@pytest.mark.nginx
@pytest.mark.parametrize("keepalive", ["", "keepalive 8;", "keepalive 8 local;"])
def test_who_shares_kept_connections(nginx: NginxBinary, keepalive: str) -> None:
    if "local" in keepalive and not nginx.target.since(Target.parse("1.29.7").lowest):
        pytest.skip("this nginx knows no local")
    with recording_backend() as backend:
        port = free_port()
        group = f"upstream app {{ server 127.0.0.1:{backend.port}; {keepalive} }}"
        passing = 'proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";'
        text = configuration(f"listen 127.0.0.1:{port}; location /a {{ {passing} }} location /b {{ {passing} }}", group)
        told = claims(text, nginx.target)["connections to http://app"]
        _, _, connections = seen(nginx, text, port, backend, ("/a", "/a", "/b", "/b"))
        counts = {"for this location alone": 2, "shared by the group's locations": 1}
        assert connections == next((count for end, count in counts.items() if told.endswith(end)), 4), told


def client_protocols(port: int) -> list[str]:
    """The versions of TLS that a server takes."""
    taken = []
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        try:
            with Client(port, tls=context) as client:
                found = client.socket.version() if isinstance(client.socket, ssl.SSLSocket) else None
                taken.append(str(found))
        except (ssl.SSLError, ConnectionResetError):
            continue
    return taken


@pytest.mark.nginx
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_clients_see_the_protocols_that_are_claimed(nginx: NginxBinary, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(key_pem())
    (tmp_path / "cert.pem").write_text(certificate_pem("localhost"))
    port = free_port()
    text = configuration(
        f"listen 127.0.0.1:{port} ssl; ssl_certificate {tmp_path}/cert.pem; ssl_certificate_key {tmp_path}/key.pem; "
        'ssl_ciphers "ALL:@SECLEVEL=0"; return 204;'
    )
    told = claims(text, nginx.target)[f"TLS on 127.0.0.1:{port}"]
    with running_nginx(nginx, text, port):
        assert client_protocols(port) == told.split(" ")


def speaks_http2(port: int) -> bool:
    """Whether a server answers HTTP/2 on a connection without TLS, as a client does that knows it before."""
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
        return client.recv(9)[3:4] == b"\4"


@pytest.mark.nginx
@pytest.mark.parametrize("said", ["listen", "server", "nobody"])
def test_http2_is_spoken_where_it_is_claimed(nginx: NginxBinary, said: str) -> None:
    if said == "server" and not nginx.target.has("http2", "server"):
        pytest.skip("this nginx knows no http2 of a server")
    port, other = free_port(), free_port()
    text = configuration(
        f"listen 127.0.0.1:{port}{' http2' if said == 'listen' else ''}; listen 127.0.0.1:{other}; "
        f"{'http2 on;' if said == 'server' else ''} return 204;"
    )
    told = claims(text, nginx.target)
    with running_nginx(nginx, text, port):
        for one in (port, other):
            assert told[f"HTTP/2 on 127.0.0.1:{one}"] == ("spoken" if speaks_http2(one) else "not spoken")


UPGRADED = configuration(
    "listen 443 ssl; location / { proxy_pass http://app; } location /own { proxy_pass https://10.0.0.2; }",
    "upstream app { server 10.0.0.1; }",
)


def changes(text: str, before: str, after: str) -> dict[str, tuple[str | None, str | None]]:
    """What an upgrade changes, by what it is."""
    found: list[Change] = find_wire_changes(*(side(text, Target.parse(one)) for one in (before, after)))
    return {one.name: (one.before, one.after) for one in found}


def test_an_upgrade_of_a_file_that_says_little() -> None:
    assert changes(UPGRADED, "1.28", "1.30") == {
        "requests to http://app": ("HTTP/1.0", "HTTP/1.1"),
        "Connection header to http://app": ("close", "none"),
        "connections to http://app": (
            EACH,
            "up to 32 idle ones kept by each worker process, for this location alone",
        ),
        "requests to https://10.0.0.2": ("HTTP/1.0", "HTTP/1.1"),
        "Connection header to https://10.0.0.2": ("close", "none"),
    }
    older = changes(UPGRADED, "1.18", "1.22")
    assert older == {"requests on one connection of a client": ("at most 100", "at most 1000")}
    tls = changes(UPGRADED, "1.22", "1.28")
    assert tls == {
        "TLS on 443": ("TLSv1 TLSv1.1 TLSv1.2", "TLSv1.2 TLSv1.3"),
        "TLS to https://10.0.0.2": ("TLSv1 TLSv1.1 TLSv1.2", "TLSv1.2 TLSv1.3"),
    }


def test_where_versions_differ_both_ways_are_named() -> None:
    found = changes(UPGRADED, "any", "1.30")
    assert found["requests to http://app"] == ("HTTP/1.0 or HTTP/1.1", "HTTP/1.1")
    assert changes(UPGRADED, "1.28", "1.28.1") == {}
