"""Every kind of socket that nginx listens on is held: it outlives nginx's main process, and leaves no file behind."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from support.running import free_port, wait_until
from support.supervised import Supervised, cluster, supervised


def answers(address: str) -> bool:
    """Whether a request gets an answer at a path of a socket, or a port of localhost."""
    family = socket.AF_UNIX if address.startswith("/") else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(10)
        client.connect(address if address.startswith("/") else ("127.0.0.1", int(address)))
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return client.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("kind", ["file", "name"])
def test_a_socket_outlives_nginx_and_another_may_be_added(
    kind: str, nginx: NginxBinary, public: Path, other_port: int
) -> None:
    port = free_port()
    file = public / "front.sock"
    listen = f"unix:{file}" if kind == "file" else f"localhost:{port}"
    address = str(file if kind == "file" else port)
    text = cluster(port, "fd", "{fd}").replace(f"127.0.0.1:{port}", listen)
    with supervised(public, port, text, nginx) as up:
        assert answers(address)
        for count in (1, 2):
            os.kill(up.status()["nginx"]["pid"], signal.SIGKILL)
            up.wait_for("serves again after", count)
            assert answers(address)
        up.edit(f'"{listen}"', f'"{listen}", "127.0.0.1:{other_port}"')
        up.wait_for("cluster.toml changed: serves after")
        wait_until(lambda: len(up.mains()) == 1, "the main process of before has ended")
        assert answers(address)
        assert answers(str(other_port))
        assert up.end() == 130
        assert not file.exists()


@pytest.fixture
def other_port() -> int:
    return free_port()


def test_a_port_that_an_edit_finds_taken_is_told_at_its_line(nginx: NginxBinary, public: Path, other_port: int) -> None:
    port = free_port()
    with supervised(public, port, cluster(port, "fd", "{fd}"), nginx) as up:
        with socket.create_server(("127.0.0.1", other_port)):
            up.edit(f'"127.0.0.1:{port}"', f'"127.0.0.1:{port}", "127.0.0.1:{other_port}"')
            up.wait_for(f"error[NG044]: 127.0.0.1:{other_port} is taken by")
            line = (public / "cluster.toml").read_text().partition("listen =")[0].count("\n") + 1
            up.wait_for(f"cluster.toml:{line}:")
            up.get()
        assert up.ask("reload").code == 0
        assert answers(str(other_port))


def test_a_file_that_was_left_gives_way_and_one_that_is_used_does_not(nginx: NginxBinary, public: Path) -> None:
    port, file = free_port(), public / "front.sock"
    text = cluster(port, "fd", "{fd}").replace(f'"127.0.0.1:{port}"', f'"unix:{file}"')
    with supervised(public, port, text, nginx) as up:
        up.process.send_signal(signal.SIGKILL)
        up.process.wait()
        wait_until(lambda: not up.left() and not file.exists(), "nothing is left")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(file))  # and nobody listens there
    with supervised(public, port, text, nginx):
        assert answers(str(file))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as used:
        used.bind(str(file))
        used.listen()
        up = Supervised(public, port, nginx)
        assert up.process.wait(20) == 4
        assert f"unix:{file} is taken by another process" in up.said()
    file.unlink()
