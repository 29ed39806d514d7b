"""FastCGI and uwsgi as a backend speaks them: parameters and a body come in, an answer goes out.

Knows the two protocols' records (FastCGI 1.0; uwsgi-docs' "The uwsgi protocol"). Uses the standard library alone.
"""

from __future__ import annotations

import struct
from io import BufferedReader

from nginxgen.rehearsal.streams import Broken

_END, _PARAMS, _STDIN, _STDOUT = 3, 4, 5, 6
_BEGIN = 1
_KEEP = 1
_LONGEST_RECORD = 0xFFF8


def read_fastcgi(stream: BufferedReader) -> tuple[dict[str, str], bytes, bool] | None:
    """The next request's parameters and body, and whether the connection is kept; None at the stream's end."""
    params = body = b""
    is_kept = False
    while head := stream.read(8):
        if len(head) < 8:
            raise Broken("a record ends in its head")
        _, kind, _, length, padding = struct.unpack("!BBHHBx", head)
        content = stream.read(length)
        stream.read(padding)
        if kind == _BEGIN:
            is_kept = bool(content[2] & _KEEP)
        elif kind == _PARAMS:
            params += content
        elif kind == _STDIN and content:
            body += content
        elif kind == _STDIN:
            return _pairs(params), body, is_kept
    return None


def _pairs(data: bytes) -> dict[str, str]:
    """Names and values, each length in one byte or, with the highest bit set, in four."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        lengths = []
        for _ in range(2):
            wide = data[at] & 0x80
            lengths.append(struct.unpack_from("!I", data, at)[0] & 0x7FFFFFFF if wide else data[at])
            at += 4 if wide else 1
        name, value = data[at : at + lengths[0]], data[at + lengths[0] : at + sum(lengths)]
        found[name.decode("latin-1")] = value.decode("latin-1")
        at += sum(lengths)
    return found


def fastcgi_answer(content: bytes) -> bytes:
    """A CGI answer in records, with the one that ends the request."""
    parts = [content[at : at + _LONGEST_RECORD] for at in range(0, len(content), _LONGEST_RECORD)]
    records = [struct.pack("!BBHHBx", 1, _STDOUT, 1, len(part), 0) + part for part in (*parts, b"")]
    return b"".join(records) + struct.pack("!BBHHBx", 1, _END, 1, 8, 0) + bytes(8)


def read_uwsgi(stream: BufferedReader) -> tuple[dict[str, str], bytes]:
    """The request's parameters and body; an answer is HTTP, and ends with the connection."""
    _, size, _ = struct.unpack("<BHB", stream.read(4))
    data = stream.read(size)
    words: list[str] = []
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<H", data, at)
        words.append(data[at + 2 : at + 2 + length].decode("latin-1"))
        at += 2 + length
    params = dict(zip(words[::2], words[1::2], strict=True))
    return params, stream.read(int(params.get("CONTENT_LENGTH") or 0))
