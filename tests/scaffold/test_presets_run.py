"""Each preset as it is written by ``nginxgen new``: started with ``nginxgen up``, asked, ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from support.deployed import deployed, deployment, need
from support.running import Client, end_process, free_port, wait_until
from support.supervised import Supervised, supervised


@pytest.fixture(autouse=True)
def _programs_of_ours_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """uvicorn and grpcio are installed beside the Python that runs the tests."""
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))


def host(up: Supervised, name: str, path: str = "/") -> tuple[int, str]:
    """What a host answers: the status and the body."""
    with Client(up.port) as client:
        answer = client.get(path, {"Host": name})
        return answer.status, answer.body.decode()


@pytest.mark.nginx
def test_node(nginx: NginxBinary) -> None:
    need("node")
    with deployed("node", nginx) as up:
        pids = {int(up.get().removeprefix("hello from process ")) for _ in range(8)}
        assert pids == set(up.pids())
        with Client(up.port) as client:
            answer = client.get()
            assert answer.get("X-Content-Type-Options") == ["nosniff"]
            assert answer.get("Server") == ["nginx"]
        assert up.ask("restart").code == 0
        assert set(up.pids()).isdisjoint(pids)
        assert int(up.get().removeprefix("hello from process ")) in up.pids()


@pytest.mark.nginx
def test_asgi(nginx: NginxBinary) -> None:
    need("uvicorn")
    with deployed("asgi", nginx) as up:
        assert {int(up.get().removeprefix("hello from process ")) for _ in range(8)} == set(up.pids())


@pytest.mark.nginx
def test_static_api(nginx: NginxBinary) -> None:
    with deployed("static-api", nginx) as up:
        page = up.get()
        assert "<h1>It works</h1>" in page
        assert up.get("/a/page/of/the/front/end") == page
        assert json.loads(up.get("/api/hello"))["process"] in up.pids("api")
        assert host(up, "example.org", "/api/nosuch")[0] == 404
        with Client(up.port) as client:
            style = client.get("/assets/site.css")
            assert (style.status, style.get("Content-Type")) == (200, ["text/css"])
            assert style.get("Cache-Control") == [f"max-age={365 * 24 * 3600}"]
            assert client.get("/assets/nosuch.css").status == 404


@pytest.mark.nginx
def test_multi_host(nginx: NginxBinary) -> None:
    with deployed("multi-host", nginx) as up:
        assert host(up, "shop.example.org") == (200, f"shop answers for shop.example.org:{up.port}\n")
        assert host(up, "a.tenants.example.org") == (200, f"tenants answers for a.tenants.example.org:{up.port}\n")
        assert "<h1>Documentation</h1>" in host(up, "docs.example.org")[1]
        assert host(up, "docs.example.org", "/drafts/")[0] == 200
        with Client(up.port) as client:
            moved = client.get("/x", {"Host": "www.shop.example.org"})
            assert (moved.status, moved.get("Location")) == (308, [f"http://shop.example.org:{up.port}/x"])
        with Client(up.port) as client, pytest.raises(ConnectionResetError):
            client.get("/", {"Host": "elsewhere.example.net"})


class Room:
    """A client of a room, by RFC 6455."""

    def __init__(self, port: int, room: str) -> None:
        self.client = Client(port)
        self.client.send(
            f"/live?room={room}",
            {
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            },
        )
        answer = self.client.read()
        assert answer.status == 101
        assert answer.get("Sec-WebSocket-Accept") == ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]  # the RFC's own example

    def say(self, text: str) -> None:
        mask, data = b"\x01\x02\x03\x04", text.encode()
        head = bytes([0x81, 0x80 | len(data)]) if len(data) < 126 else b"\x81\xfe" + len(data).to_bytes(2, "big")
        self.client.socket.sendall(head + mask + bytes(one ^ mask[at % 4] for at, one in enumerate(data)))

    def hear(self) -> str:
        kind, length = self.client.stream.read(2)
        assert kind == 0x81
        if length == 126:
            length = int.from_bytes(self.client.stream.read(2), "big")
        return self.client.stream.read(length).decode()


@pytest.mark.nginx
def test_websocket(nginx: NginxBinary) -> None:
    need("node")
    with deployed("websocket", nginx) as up:
        assert "new WebSocket" in up.get()
        for room in ("a", "b", "c", "d"):  # whichever process has it
            one, other = Room(up.port, room), Room(up.port, room)
            with one.client, other.client:
                for text in (f"hello {room}", "ö" * 200):
                    one.say(text)
                    assert (one.hear(), other.hear()) == (text, text)


@pytest.mark.nginx
def test_grpc(nginx: NginxBinary) -> None:
    grpc = pytest.importorskip("grpc", reason="there is no grpcio on this machine")
    with deployed("grpc", nginx) as up, grpc.insecure_channel(f"127.0.0.1:{up.port}") as channel:
        say = channel.unary_unary("/hello.Hello/Say")
        answers = {say(b"you", timeout=10) for _ in range(8)}
        assert answers == {b"hello you from process %d" % pid for pid in up.pids("rpc")}


@pytest.mark.nginx
def test_php_fpm(nginx: NginxBinary) -> None:
    found = sorted(one for folder in ("/usr/sbin", "/usr/local/sbin") for one in Path(folder).glob("php-fpm*"))
    if not found:
        pytest.skip("there is no php-fpm on this machine")
    with tempfile.TemporaryDirectory(prefix="nginxgen-test-") as name, deployment("php-fpm") as folder:
        Path(name).chmod(0o755)
        place, port = Path(name) / "fpm.sock", free_port()
        settings = Path(name) / "fpm.conf"
        owner = "user = nobody\n" if os.geteuid() == 0 else ""
        settings.write_text(
            f"[global]\nerror_log = {name}/log\n[www]\n{owner}listen = {place}\nlisten.mode = 0666\n"
            "pm = static\npm.max_children = 1\n"
        )
        process = subprocess.Popen([found[0], "-F", "-n", "-y", settings])
        try:
            wait_until(place.exists, "php-fpm listens")
            text = (folder / "cluster.toml").read_text(encoding="utf-8")
            text = text.replace("unix:/run/php/php-fpm.sock", f"unix:{place}").replace(
                "[8080]", f'["127.0.0.1:{port}"]'
            )
            (folder / "public" / "some.txt").write_text("a file\n")
            (folder / "public" / ".hidden").write_text("hidden\n")
            with supervised(folder, port, text, nginx) as up:
                assert up.get("/a?b=c").startswith("hello from process ")
                assert up.get("/a?b=c").endswith(" for /a?b=c\n")
                assert up.get("/some.txt") == "a file\n"
                assert host(up, "example.org", "/.hidden")[0] == 403
                assert host(up, "example.org", "/nosuch.php")[0] == 404
        finally:
            end_process(process)
