"""Whether a target has what an explicit cluster says: directives by the facts, parameters by their declarations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from nginxgen.conf.grammar import Fault, Grammar
from nginxgen.conf.target import Target
from nginxgen.conf.version import Version
from nginxgen.diagnostic import Diagnostic, error
from nginxgen.expand.work import Work
from nginxgen.model.block import Block, BlockMeta, Field, Role
from nginxgen.model.cluster import Cluster
from nginxgen.model.http import Http
from nginxgen.model.location import Location
from nginxgen.model.main import Events, Nginx
from nginxgen.model.server import Server
from nginxgen.model.upstream import Balance, Upstream
from nginxgen.source import Path

CONTEXTS: dict[BlockMeta, str] = {
    Nginx: "main",
    Events: "events",
    Http: "http",
    Server: "server",
    Location: "location",
    Upstream: "upstream",
}
"""The context that each block of the model is to nginx."""

_WAYS_OUT = {
    "resolve": "leave it out and reload when the address changes, or write the addresses themselves",
    "service": "write the servers themselves",
    "sticky": 'balance = { method = "hash", key = "$cookie_NAME", consistent = true } binds clients to servers too',
    "route": 'balance = { method = "hash", key = "$cookie_NAME", consistent = true } binds clients to servers too',
    "drain": "write down = true and wait for the sessions to end",
    "local": "leave it out: before nginx 1.29.7 the locations of a group share its connections anyway",
    "least_time": 'balance = "least_conn" is the nearest',
    "keepalive_min_timeout": 'keepalive_timeout = 0 is what keeps reloads from cutting clients off on older ones',
    "http3": "leave it out; HTTP/2 needs no such version",
    "quic": "leave the listener out; HTTP/2 needs no such version",
    "ssl_reject_handshake": "give the server a certificate and return = 444",
    "add_header_inherit": "without it nginxgen writes the outer headers into every inner block itself",
    "max_headers": "large_client_header_buffers limits headers by their size",
}


_VALUES_SINCE = {("proxy_http_version", "2"): Version(1, 29, 4)}


def check(explicit: Cluster, work: Work) -> list[Diagnostic]:
    """What the target lacks of what the cluster says, with the version that has it and the way out."""
    lacking = _Lacking(work.target)
    return [problem for path, block in walk(explicit) for problem in lacking.in_block(block, path)]


class _Lacking:
    """What a target lacks; remembers its answers, since the same few fields are said often."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.grammar = Grammar(target)
        self._known: dict[tuple[BlockMeta, str], Fault | None] = {}

    def in_block(self, block: Block, path: Path) -> Iterator[Diagnostic]:
        cls = type(block)
        context = CONTEXTS.get(cls)
        for name, value in block.__dict__.items():
            if (cls, name) not in self._known:
                self._known[cls, name] = self._field(cls.fields[name], context)
            fault = self._known[cls, name] or self._value(cls.fields[name], value, context)
            if fault:
                field = cls.fields[name]
                yield error("NG030", fault.message, (*path, field.key), fault.help or _way_out(field, value), key=True)

    def _field(self, field: Field, context: str | None) -> Fault | None:
        """What is wrong with saying this field at all."""
        since = field.declared.since
        if since and not self.target.since(since):
            return Fault("version", f"{field.word} is in nginx since {since}; the target is {self.target.name}")
        if context is None or field.declared.role is not Role.DIRECTIVE or field.declared.codec or field.word == "directives":
            return None
        return self.grammar.lacks(field.word, context)

    def _value(self, field: Field, value: Any, context: str | None) -> Fault | None:
        """What is wrong with saying this of it."""
        if isinstance(value, str) and (since := _VALUES_SINCE.get((field.word, value))) and not self.target.since(since):
            return Fault("version", f"{field.word} {value} is in nginx since {since}; the target is {self.target.name}")
        if isinstance(value, Balance) and context:
            return self.grammar.lacks(value.tag, context)
        return None


def _way_out(field: Field, value: Any) -> str | None:
    return _WAYS_OUT.get(value.tag if isinstance(value, Balance) else field.word)


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Block]]:
    """Every block inside a value, with its path."""
    if isinstance(value, Block):
        if path:
            yield path, value
        keys = _block_fields(type(value))
        for name, inner in value.said().items():
            if name in keys:
                yield from walk(inner, (*path, keys[name]))
    elif isinstance(value, tuple):
        for at, inner in enumerate(value):
            yield from walk(inner, (*path, at))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, (*path, key))


@cache
def _block_fields(cls: BlockMeta) -> dict[str, str]:
    return {field.name: field.key for field in cls.fields.values()}
