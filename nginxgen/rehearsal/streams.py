"""HTTP/1.1 messages on a stream, as clients and backends read them: heads and bodies, byte for byte.

Knows the form of a message (RFC 9112) and nothing of what it is for. Uses the standard library alone.
"""

from __future__ import annotations

from io import BufferedReader

HTTP2_PREFACE = "PRI * HTTP/2.0"
"""What a connection of HTTP/2 begins with, which has the form of a head (RFC 9113, 3.4)."""
Headers = list[tuple[str, str]]
_LONGEST_LINE = 1 << 20


class Broken(Exception):
    """A message that ends in its middle, or is none."""


class NoHttp2(Exception):
    """Somebody who was asked in HTTP/2 and does not speak it."""


def read_head(stream: BufferedReader) -> tuple[str, Headers] | None:
    """The first line of the next message and its headers; None at the end of the stream."""
    first = stream.readline(_LONGEST_LINE)
    if not first:
        return None
    return first.decode("latin-1").rstrip("\r\n"), _read_headers(stream)


def _read_headers(stream: BufferedReader) -> Headers:
    headers: Headers = []
    while (line := stream.readline(_LONGEST_LINE)) not in (b"\r\n", b"\n"):
        if not line.endswith(b"\n"):
            raise Broken("the head ends in its middle")
        name, _, value = line.decode("latin-1").partition(":")
        headers.append((name, value.strip()))
    return headers


def get(headers: Headers, name: str) -> str | None:
    """The first value of a header."""
    return next((value for key, value in headers if key.lower() == name.lower()), None)


def read_body(stream: BufferedReader, headers: Headers, until_end: bool) -> bytes:
    """What stands behind a head: in chunks, of a length, or up to the stream's end where that may be.

    Headers that come behind chunks are added to the others.
    """
    if "chunked" in (get(headers, "Transfer-Encoding") or "").lower():
        return _read_chunks(stream, headers)
    if (length := get(headers, "Content-Length")) is not None:
        body = stream.read(int(length))
        if len(body) < int(length):
            raise Broken("the body ends in its middle")
        return body
    return stream.read() if until_end else b""


def _read_chunks(stream: BufferedReader, headers: Headers) -> bytes:
    body = b""
    while True:
        line = stream.readline(_LONGEST_LINE)
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            raise Broken("a chunk without its size") from None
        if size == 0:
            break
        body += stream.read(size)
        stream.readline(_LONGEST_LINE)
    headers += _read_headers(stream)
    return body
