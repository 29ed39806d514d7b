"""What nginx tells of each request: the text of its access log, and that read back.

Knows the shape of that log; nothing of clusters, or of who makes what of it.
"""

from __future__ import annotations

import json
import math
import re
from typing import NamedTuple

LOG_FORMAT_NAME = "nginxgen_status"
LOG_FORMAT = (
    '{"client":"$remote_addr","request":"$request","status":"$status","time":"$request_time","sent":"$body_bytes_sent",'
    '"addresses":"$upstream_addr","statuses":"$upstream_status","times":"$upstream_response_time"}'
)
"""The text of the ``log_format``, which needs ``escape=json``."""

_LONGEST = 10 * 3600 * 1000
# https://nginx.org/en/docs/http/ngx_http_upstream_module.html#var_upstream_addr
_SEPARATOR = re.compile(r", | : ")


class Try(NamedTuple):
    """A server that nginx asked for a request."""

    address: str
    """``10.0.0.1:80`` or ``unix:/path``."""
    status: int | None
    milliseconds: float | None


class Request(NamedTuple):
    """A request that nginx has ended."""

    client: str
    line: str
    """Its first line; empty when it was none."""
    status: int | None
    milliseconds: float | None
    sent: int
    """Bytes of the answer, without its head."""
    tries: tuple[Try, ...]
    """The servers that were asked, the one that has answered last."""

    def __str__(self) -> str:
        asked = ", ".join(f"{one.address} ({one.status})" for one in self.tries[:-1])
        asked += f"{', then ' if asked else ''}{self.tries[-1].address}" if self.tries else ""
        took = "" if self.milliseconds is None else f" in {self.milliseconds:.0f} ms"
        status = "-" if self.status is None else self.status
        return f'{self.client} "{self.line}" {status}, {self.sent} bytes{took}{f" from {asked}" if asked else ""}'


def read_request(datagram: bytes) -> Request | None:
    """What a datagram of that log tells; None when it is none, or not whole."""
    try:
        found = json.loads(datagram[datagram.index(b"{") :])
        addresses, statuses, times = (_SEPARATOR.split(found[key]) for key in ("addresses", "statuses", "times"))
        tries = tuple(
            Try(address, _status(_at(statuses, number)), _milliseconds(_at(times, number)))
            for number, address in enumerate(addresses)
            if ":" in address  # else no server: the name of a group of which none is up, or nothing
        )
        status, took = _status(found["status"]), _milliseconds(found["time"])
        return Request(str(found["client"]), str(found["request"]), status, took, int(found["sent"]), tries)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _at(words: list[str], number: int) -> str:
    return words[number] if number < len(words) else "-"


def _status(text: str) -> int | None:
    return int(text) if len(text) <= 3 and text.isascii() and text.isdigit() else None


def _milliseconds(text: str) -> float | None:
    """A time of nginx's in milliseconds; None for ``-``."""
    try:
        value = float(text) * 1000
    except ValueError:
        return None
    return min(max(value, 0.0), _LONGEST) if math.isfinite(value) else None
