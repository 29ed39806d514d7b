"""A client that hides nothing: one request on one connection, and what came back, byte for byte.

Speaks HTTP/1.1 or HTTP/2, in TLS or not, and PROXY protocol before it where a listener wants that; takes any
certificate. Uses the standard library alone, and `h2` for HTTP/2.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable
from io import BufferedReader
from typing import Any

from nginxgen.rehearsal.streams import Broken, Headers, NoHttp2, get, read_body, read_head

LIMIT = 30.0
"""Seconds until a request has its answer; nginx may hold it back for a limit."""
_WITHOUT_BODY = frozenset({101, 204, 304})
Json = dict[str, Any]
_NO_ANSWER: Json = {"status": 444, "headers": [], "body": ""}
"""Of a connection that is closed without an answer, as nginx itself calls it."""


def ask(case: Json, cookies: dict[str, str], connected: Callable[[], object] = lambda: None) -> Json:
    """Send the request of a case; status, headers and body of the answer, or what went wrong.

    Args:
        case: ``to``, ``source``, ``tls`` (the name that is asked for, or None), ``proxy``, ``http2``, ``line``,
            ``headers`` and ``body``.
        cookies: sent with it, and filled with what the answer sets.
        connected: called when only the request remains to be sent.
    """
    try:
        with _connected(case) as client, client.makefile("rb") as stream:
            connected()
            if case["http2"]:
                return _http2(client, stream, case, cookies)
            with contextlib.suppress(OSError):  # nginx may answer before it has read everything
                client.sendall(_message(case, cookies))
            return _answer(stream, case["line"].startswith("HEAD "), cookies)
    except ConnectionRefusedError:
        return {"problem": f"nobody listens on {case['to']}"}
    except TimeoutError:
        return {"problem": f"no answer within {LIMIT:.0f} s"}
    except Broken as problem:
        return {"problem": f"the answer is broken: {problem}"}
    except NoHttp2:
        return {"problem": f"{case['to']} does not speak HTTP/2"}
    except (ssl.SSLError, ConnectionError):
        return _NO_ANSWER
    except OSError as problem:
        return {"problem": f"{case['to']} cannot be asked: {problem.strerror or problem}"}


def _connected(case: Json) -> socket.socket:
    to: str = case["to"]
    if to.startswith("unix:"):
        client = socket.socket(socket.AF_UNIX)
        address: Any = to.removeprefix("unix:")
    else:
        host, _, port = to.rpartition(":")
        client = socket.socket(socket.AF_INET6 if host.startswith("[") else socket.AF_INET)
        address = host.strip("[]"), int(port)
    try:
        client.settimeout(LIMIT)
        if case["source"]:
            client.bind((case["source"], 0))
        client.connect(address)
        if case["proxy"]:
            client.sendall(case["proxy"].encode())
        return _in_tls(client, case["tls"], case["http2"]) if case["tls"] is not None else client
    except BaseException:
        client.close()
        raise


def _in_tls(client: socket.socket, name: str, http2: bool) -> socket.socket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")  # what is allowed is for nginx to say
    if http2:
        context.set_alpn_protocols(["h2", "http/1.1"])
    made = context.wrap_socket(client, server_hostname=name or None)
    if http2 and made.selected_alpn_protocol() != "h2":
        made.close()
        raise NoHttp2
    return made


def _headers(case: Json, cookies: dict[str, str]) -> Headers:
    headers: Headers = [(key, value) for key, value in case["headers"]]
    if cookies:
        headers.append(("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())))
    return headers


def _message(case: Json, cookies: dict[str, str]) -> bytes:
    headers = _headers(case, cookies)
    fields = "".join(f"{key}: {value}\r\n" for key, value in headers)
    whole: str = f"{case['line']} HTTP/1.1\r\n{fields}\r\n{case['body']}"
    return whole.encode()


def _http2(client: socket.socket, stream: BufferedReader, case: Json, cookies: dict[str, str]) -> Json:
    from nginxgen.rehearsal import http2

    method, _, path = case["line"].partition(" ")
    headers = _headers(case, cookies)
    scheme = "http" if case["tls"] is None else "https"
    asked = [(":method", method), (":scheme", scheme), (":authority", get(headers, "Host") or ""), (":path", path)]
    asked += [(name.lower(), value) for name, value in headers if name.lower() != "host"]
    found = http2.ask(client, stream, asked, case["body"].encode())
    if found is None:
        return _NO_ANSWER
    (_, status), *rest = found[0]
    return _told(int(status), rest, found[1], cookies)


def _answer(stream: Any, is_head: bool, cookies: dict[str, str]) -> Json:
    """The final answer; what is told before it (100, 103) is passed over."""
    while True:
        head = read_head(stream)
        if head is None:
            return _NO_ANSWER
        status = int(head[0].split(" ")[1]) if head[0].startswith("HTTP/1.") else 0
        if not status:
            raise Broken(f"it begins with {head[0][:40]!r}")
        if status >= 200 or status == 101:
            break
    headers = head[1]
    body = b"" if is_head or status in _WITHOUT_BODY else read_body(stream, headers, until_end=True)
    return _told(status, headers, body, cookies)


def _told(status: int, headers: Headers, body: bytes, cookies: dict[str, str]) -> Json:
    for name, value in headers:
        if name.lower() == "set-cookie":
            key, _, rest = value.partition(";")[0].partition("=")
            cookies[key.strip()] = rest.strip()
    return {"status": status, "headers": [list(one) for one in headers], "body": body.decode("latin-1")}
