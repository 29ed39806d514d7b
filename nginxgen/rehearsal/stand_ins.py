"""Stand-ins for backends: they keep what they are asked, byte for byte, and answer what the test says.

They take what comes: HTTP/1, HTTP/2 with gRPC or without, FastCGI and uwsgi, in TLS or not, told apart by how it
begins. Which test a request belongs to is told by a header that the client adds and that is kept out of the record.
Uses the standard library alone, and `h2` when HTTP/2 is met.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import struct
import threading
import time
from collections.abc import Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

from nginxgen.rehearsal import gateways
from nginxgen.rehearsal.streams import HTTP2_PREFACE, Broken, Headers, get, read_body, read_head

MARK = "Nginxgen-Test"
"""The header that says which test a request belongs to; backends of a real cluster never see it."""
_PARAM = "HTTP_NGINXGEN_TEST"
_TLS_HANDSHAKE, _FASTCGI, _UWSGI = b"\x16", b"\x01", b"\x00"
_GRPC_TRAILERS = ("grpc-status", "grpc-message", "grpc-status-details-bin")
_WITHOUT_BODY = frozenset({204, 304})
Json = dict[str, Any]


class StandIns:
    """All stand-ins of a rehearsal."""

    def __init__(self, answers: Sequence[list[Json]], folder: Path) -> None:
        """Stand nowhere yet.

        Args:
            answers: for each test, what is answered: its first request gets the first, all beyond the last get that.
            folder: where certificate.pem and key.pem are.
        """
        self._answers = answers
        self._folder = folder
        self._records: list[list[Json]] = [[] for _ in answers]
        self._lock = threading.Lock()
        self._waiting = selectors.DefaultSelector()

    def listen(self, address: str, name: str) -> None:
        """Stand at an address, ``unix:/path``, ``1.2.3.4:80`` or ``[::1]:80``, as the backend of that name.

        Raises:
            OSError: when nobody can listen there.
        """
        self._waiting.register(_bound(address), selectors.EVENT_READ, name)

    def open(self) -> None:
        """Let in whoever comes, from now on; there may be thousands of backends, so one thread waits for all."""
        threading.Thread(target=self._accept, daemon=True).start()

    def taken(self, number: int) -> list[Json]:
        """What reached stand-ins of a test until now."""
        with self._lock:
            return list(self._records[number])

    def _accept(self) -> None:
        while True:
            for key, _ in self._waiting.select():
                with contextlib.suppress(OSError):  # whoever came has gone again
                    client, _ = cast(socket.socket, key.fileobj).accept()
                    client.setblocking(True)
                    threading.Thread(target=self._serve, args=(client, key.data), daemon=True).start()

    def _serve(self, client: socket.socket, name: str) -> None:
        with contextlib.suppress(OSError, Broken, ValueError, struct.error), client:
            first = client.recv(1, socket.MSG_PEEK)
            if first == _TLS_HANDSHAKE:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self._folder / "certificate.pem", self._folder / "key.pem")
                context.set_alpn_protocols(["h2", "http/1.1"])
                client = context.wrap_socket(client, server_side=True)
            with client, client.makefile("rb") as stream:
                first = stream.peek(1)[:1]
                serve = {_FASTCGI: self._fastcgi, _UWSGI: self._uwsgi}.get(first, self._http)
                while serve(client, stream, name):
                    pass

    def _http(self, client: socket.socket, stream: BufferedReader, name: str) -> bool:
        """Serve a request; whether the connection is kept."""
        head = read_head(stream)
        if head is None:
            return False
        line, headers = head
        if line == HTTP2_PREFACE:
            return self._http2(client, stream, name)
        body = read_body(stream, headers, until_end=False)
        number = get(headers, MARK)
        kept = [[key, value] for key, value in headers if key.lower() != MARK.lower()]
        request = line.rpartition(" ")[0]
        answer = self._take(number, {"server": name, "request": request, "headers": kept, "body": _text(body)})
        if answer.get("close"):
            return False
        is_last = line.endswith("HTTP/1.0") or (get(headers, "Connection") or "").lower() == "close"
        if "status" not in answer and (get(headers, "Upgrade") or "").lower() == "websocket":
            client.sendall(b"HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
            return False
        client.sendall(_http_answer(answer, name, line.startswith("HEAD "), is_last))
        return not is_last

    def _http2(self, client: socket.socket, stream: BufferedReader, name: str) -> bool:
        from nginxgen.rehearsal import http2

        def answer(headers: Headers, body: bytes) -> http2.Answer | None:
            method, path = get(headers, ":method"), get(headers, ":path")
            named = [("Host" if key == ":authority" else key, value) for key, value in headers]
            kept = [[key, value] for key, value in named if not key.startswith(":") and key.lower() != MARK.lower()]
            record = {"server": name, "request": f"{method} {path}", "headers": kept, "body": _text(body)}
            said = self._take(get(headers, MARK), record)
            is_grpc = (get(headers, "Content-Type") or "").startswith("application/grpc")
            return None if said.get("close") else http2.Answer(*_http2_parts(said, name, is_grpc))

        http2.serve(client, stream, answer)
        return False

    def _fastcgi(self, client: socket.socket, stream: BufferedReader, name: str) -> bool:
        found = gateways.read_fastcgi(stream)
        if found is None:
            return False
        params, body, is_kept = found
        answer = self._take_gateway(params, body, name)
        if answer.get("close"):
            return False
        status, headers, content = _parts(answer, name)
        fields = "".join(f"{key}: {value}\r\n" for key, value in headers)
        head = f"Status: {status}\r\n{fields}\r\n".encode()
        client.sendall(gateways.fastcgi_answer(head + content))
        return is_kept

    def _uwsgi(self, client: socket.socket, stream: BufferedReader, name: str) -> bool:
        answer = self._take_gateway(*gateways.read_uwsgi(stream), name)
        if not answer.get("close"):
            client.sendall(_http_answer(answer, name, is_head=False, is_last=True))
        return False

    def _take_gateway(self, params: dict[str, str], body: bytes, name: str) -> Json:
        number = params.pop(_PARAM, None)
        request = f"{params.get('REQUEST_METHOD', '')} {params.get('REQUEST_URI', '')}"
        return self._take(number, {"server": name, "request": request, "params": params, "body": _text(body)})

    def _take(self, number: str | None, record: Json) -> Json:
        """Keep a request; what is answered to it."""
        if number is None or not number.isdigit():
            return {}
        with self._lock:
            records, answers = self._records[int(number)], self._answers[int(number)]
            records.append(record)
            answer = answers[min(len(records), len(answers)) - 1] if answers else {}
        time.sleep(answer.get("delay", 0))
        return answer


def _bound(address: str) -> socket.socket:
    if address.startswith("unix:"):
        listener = socket.socket(socket.AF_UNIX)
        path = Path(address.removeprefix("unix:"))
        listener.bind(str(path))
        path.chmod(0o666)
    else:
        host, _, port = address.rpartition(":")
        listener = socket.socket(socket.AF_INET6 if host.startswith("[") else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host.strip("[]"), int(port)))
    listener.listen(1024)
    listener.setblocking(False)
    return listener


def _text(body: bytes) -> str:
    return body.decode("latin-1")


def _parts(answer: Json, name: str, kind: str = "text/plain") -> tuple[int, Headers, bytes]:
    """Status, headers and body of an answer."""
    body = answer.get("body", f"from {name}\n").encode()
    headers = cast(Headers, list(answer.get("headers", {}).items()))
    if get(headers, "Content-Type") is None:
        headers.append(("Content-Type", kind))
    return answer.get("status", 200), headers, body


def _http2_parts(answer: Json, name: str, is_grpc: bool) -> tuple[Headers, bytes, Headers]:
    """Headers, body and trailers of an answer, which for gRPC says there how it ended: well unless said."""
    status, headers, body = _parts(answer, name, "application/grpc" if is_grpc else "text/plain")
    fields = [(key.lower(), value) for key, value in headers]
    trailers = [(key, value) for key, value in fields if key in _GRPC_TRAILERS]
    if is_grpc and get(trailers, "grpc-status") is None:
        trailers.insert(0, ("grpc-status", "0"))
    return [(":status", str(status)), *(one for one in fields if one not in trailers)], body, trailers


def _http_answer(answer: Json, name: str, is_head: bool, is_last: bool) -> bytes:
    status, headers, body = _parts(answer, name)
    if status in _WITHOUT_BODY:
        body = b""
    elif get(headers, "Content-Length") is None:
        headers.append(("Content-Length", str(len(body))))
    if is_last:
        headers.append(("Connection", "close"))
    fields = "".join(f"{key}: {value}\r\n" for key, value in headers)
    head = f"HTTP/1.1 {status} \r\n{fields}\r\n".encode()
    return head + (b"" if is_head else body)
