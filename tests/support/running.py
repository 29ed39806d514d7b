"""Real processes for tests: an nginx on a text, and backends that record what reaches them. All end with the test."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nginxgen.proof.binary import NginxBinary

DEADLINE = 20.0


_given: set[int] = set()


def free_port() -> int:
    """A port of the loopback address that nobody listens on now.

    It lies below those that the system gives to clients: one of theirs could be taken again before it is listened on.
    """
    first = 12_000 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 4 * 5_000  # test runners do not meet
    while True:
        port = random.SystemRandom().randrange(first, first + 5_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            if port not in _given:
                probe.bind(("127.0.0.1", port))
                _given.add(port)
                return port


def wait_until(holds: Callable[[], object], what: str, limit: float = DEADLINE) -> None:
    """Wait until something holds, and fail with what it was when it does not."""
    end = time.monotonic() + limit
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit:.0f} s: {what}")
        time.sleep(0.005)


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
        main = f"pid {folder}/nginx.pid; error_log {folder}/error.log info; daemon off;"
        main += " user root;" if os.geteuid() == 0 else ""
        write_config(folder, text)
        (folder / "logs").mkdir()
        command = [binary.path, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", main]
        with open(folder / "stderr", "wb") as stderr:
            process = subprocess.Popen(command, stderr=stderr, stdout=stderr, stdin=subprocess.DEVNULL)
        try:
            try:
                wait_for_port(port, process)
            except AssertionError as problem:
                raise AssertionError(f"{problem}: {(folder / 'stderr').read_text()}\n{text}") from None
            wait_until(lambda: written(folder / "nginx.pid"), "nginx writes its pid")
            yield folder
        finally:
            end_process(process)


def write_config(folder: Path, text: str) -> None:
    """Write a text as the nginx.conf of a folder, with the files it may write there instead of the binary's own."""
    paths = [f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
    if "\n    access_log " not in text:
        paths.append(f"access_log {folder}/logs/access.log;")
    text = text.replace("http {\n", f"http {{ {' '.join(paths)}\n", 1)
    (folder / "nginx.conf").write_text(text, encoding="utf-8", newline="")


def written(path: Path) -> str:
    """What stands in a file; nothing, as long as it does not exist."""
    return path.read_text() if path.exists() else ""


def reload(folder: Path) -> set[int]:
    """Tell the nginx of a folder to read its file again; the workers that it had until then."""
    master = int((folder / "nginx.pid").read_text())
    before = workers(folder)
    os.kill(master, signal.SIGHUP)
    return before


def workers(folder: Path) -> set[int]:
    """The workers of the nginx of a folder, those that are about to end too."""
    master = (folder / "nginx.pid").read_text().strip()
    return set(map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split()))


def end_process(process: subprocess.Popen[bytes]) -> None:
    """End a process that was started here."""
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

    def with_port(self, port: int) -> Recorded:
        """The same with PORT where a port stands."""
        headers = [(name, value.replace(str(port), "PORT")) for name, value in self.headers]
        return Recorded(self.line, headers, self.connection)


@dataclass
class Recorder:
    """A backend that answers every request and keeps what it read, byte for byte."""

    port: int
    requests: list[Recorded] = field(default_factory=list)
    connections: int = 0


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextlib.contextmanager
def recording_backend(answer: bytes = OK, port: int = 0) -> Iterator[Recorder]:
    """A backend, on a free port unless one is named; a request for a WebSocket gets a 101, and its data back.

    With an empty answer it closes the connection instead.

    It ends abruptly: whoever waits for an answer then gets none.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port or free_port()))
    listener.listen(64)
    recorder = Recorder(listener.getsockname()[1])
    taken: list[tuple[socket.socket, threading.Thread]] = []

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
                if not answer:
                    return
                client.sendall(answer)
                if line.endswith("HTTP/1.0") or [value.lower() for value in request.get("Connection")] == ["close"]:
                    return

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                serving = threading.Thread(target=serve, args=(client, recorder.connections), daemon=True)
                recorder.connections += 1
                taken.append((client, serving))
                serving.start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield recorder
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join(DEADLINE)
        listener.close()
        for client, serving in taken:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            serving.join(DEADLINE)


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
    """One connection to a server on the loopback address, kept between requests; nothing is retried or hidden.

    Args:
        port: where the server listens.
        source: the address of the loopback network that the client has, when it is not 127.0.0.1.
        tls: speak TLS, by these settings.
        name: the server's name in TLS.
    """

    def __init__(
        self, port: int, source: str | None = None, tls: ssl.SSLContext | None = None, name: str = "localhost"
    ) -> None:
        self.port = port
        bound = (source, 0) if source else None
        self.socket: socket.socket = socket.create_connection(("127.0.0.1", port), DEADLINE, bound)
        if tls:
            try:
                self.socket = tls.wrap_socket(self.socket, server_hostname=name)
            except BaseException:
                self.socket.close()
                raise
        self.stream = self.socket.makefile("rb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        self.stream.close()
        self.socket.close()

    def send(
        self, path: str = "/", headers: dict[str, str] | None = None, method: str = "GET", body: bytes = b""
    ) -> None:
        """Send a request; Host is localhost, with its port, unless said."""
        fields = {"Host": f"localhost:{self.port}", **(headers or {})}
        if body:
            fields["Content-Length"] = str(len(body))
        head = [f"{method} {path} HTTP/1.1", *(f"{key}: {value}" for key, value in fields.items()), "", ""]
        self.socket.sendall("\r\n".join(head).encode("latin-1") + body)

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
            if len(answer.body) < int(length[0]):
                raise ConnectionResetError(f"the answer was cut short: {len(answer.body)} bytes of {length[0]}")
        elif answer.get("Connection") == ["close"]:
            answer.body = self.stream.read()
        return answer

    def get(
        self, path: str = "/", headers: dict[str, str] | None = None, method: str = "GET", body: bytes = b""
    ) -> Answer:
        """Send a request and read its answer."""
        self.send(path, headers, method, body)
        return self.read()
