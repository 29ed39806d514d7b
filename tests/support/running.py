"""Real processes for tests: an nginx on a text, and backends that record what reaches them. All end with the test."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nginxgen.proof.binary import NginxBinary

DEADLINE = 20.0


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until somebody accepts connections on a port of the loopback address."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if process is not None and process.poll() is not None:
            raise AssertionError(f"nginx ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.01)
    raise AssertionError(f"nobody listens on port {port}")


@contextlib.contextmanager
def running_nginx(binary: NginxBinary, text: str, port: int) -> Iterator[Path]:
    """An nginx that serves a text, whose log of errors is ``error.log`` in the folder that is given.

    The text should listen on ``port`` and write nothing outside; pid, logs and temporary files are put into the folder.
    """
    with tempfile.TemporaryDirectory(prefix="nginxgen-test-") as name:
        folder = Path(name)
        paths = "".join(
            f"{kind}_temp_path {folder}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        text = text.replace("http {\n", f"http {{ {paths}\n", 1)
        main = f"pid {folder}/nginx.pid; error_log {folder}/error.log info; daemon off;"
        main += " user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(text, encoding="utf-8", newline="")
        (folder / "logs").mkdir()
        command = [binary.path, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", main]
        with open(folder / "stderr", "wb") as stderr:
            process = subprocess.Popen(command, stderr=stderr, stdout=stderr, stdin=subprocess.DEVNULL)
        try:
            try:
                wait_for_port(port, process)
            except AssertionError as problem:
                raise AssertionError(f"{problem}: {(folder / 'stderr').read_text()}\n{text}") from None
            yield folder
        finally:
            process.terminate()
            try:
                process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@dataclass
class Recorded:
    """A request as it came over the wire."""

    line: str
    headers: list[tuple[str, str]]
    connection: int
    """Which of the connections to the backend it came on, counted from 0."""

    def get(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Recorder:
    """A backend that answers every request and keeps what it read, byte for byte."""

    port: int
    requests: list[Recorded] = field(default_factory=list)
    connections: int = 0


@contextlib.contextmanager
def recording_backend(answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") -> Iterator[Recorder]:
    """A backend on a free port; a request for a WebSocket gets a 101."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    recorder = Recorder(listener.getsockname()[1])
    open_sockets: list[socket.socket] = []

    def serve(client: socket.socket, number: int) -> None:
        with client, contextlib.suppress(OSError):
            stream = client.makefile("rb")
            while line := stream.readline().decode("latin-1").rstrip("\r\n"):
                headers = []
                while raw := stream.readline().decode("latin-1").rstrip("\r\n"):
                    key, _, value = raw.partition(":")
                    headers.append((key, value.strip()))
                request = Recorded(line, headers, number)
                recorder.requests.append(request)
                if length := request.get("Content-Length"):
                    stream.read(int(length[0]))
                if request.get("Upgrade") == ["websocket"]:
                    client.sendall(
                        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
                    )
                    while data := client.recv(4096):
                        client.sendall(data)
                    return
                client.sendall(answer)
                if line.endswith("HTTP/1.0") or [value.lower() for value in request.get("Connection")] == ["close"]:
                    return

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                open_sockets.append(client)
                number, recorder.connections = recorder.connections, recorder.connections + 1
                threading.Thread(target=serve, args=(client, number), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield recorder
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for client in open_sockets:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        accepting.join(DEADLINE)


@dataclass
class Answer:
    """What a server sent back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def get(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Client:
    """One connection to a server on the loopback address, kept between requests; nothing is retried or hidden."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
        self.stream = self.socket.makefile("rb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        self.stream.close()
        self.socket.close()

    def send(
        self, path: str = "/", headers: dict[str, str] | None = None, method: str = "GET", body: bytes = b""
    ) -> None:
        """Send a request; Host is localhost unless said."""
        fields = {"Host": "localhost", **(headers or {})}
        if body:
            fields["Content-Length"] = str(len(body))
        head = (
            f"{method} {path} HTTP/1.1\r\n" + "".join(f"{key}: {value}\r\n" for key, value in fields.items()) + "\r\n"
        )
        self.socket.sendall(head.encode("latin-1") + body)

    def read(self) -> Answer:
        """The next answer, whole."""
        line = self.stream.readline().decode("latin-1")
        if not line:
            raise ConnectionResetError("the server closed the connection without an answer")
        headers = []
        while raw := self.stream.readline().decode("latin-1").rstrip("\r\n"):
            key, _, value = raw.partition(":")
            headers.append((key, value.strip()))
        answer = Answer(int(line.split(" ")[1]), headers, b"")
        if answer.get("Transfer-Encoding"):
            while size := int(self.stream.readline(), 16):
                answer.body += self.stream.read(size)
                self.stream.readline()
            self.stream.readline()
        elif length := answer.get("Content-Length"):
            answer.body = self.stream.read(int(length[0]))
        return answer

    def get(self, path: str = "/", headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
        """Send a request and read its answer."""
        self.send(path, headers, method)
        return self.read()
