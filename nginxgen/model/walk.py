"""Walking through a cluster: every block with its path, and the context that it is to nginx."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from nginxgen.model.block import Block
from nginxgen.model.http import Http
from nginxgen.model.location import Location
from nginxgen.model.main import Events, Nginx
from nginxgen.model.server import Server
from nginxgen.model.upstream import Upstream, UpstreamServer
from nginxgen.source import Path

CONTEXTS: dict[type[Block], str] = {
    Nginx: "main",
    Events: "events",
    Http: "http",
    Server: "server",
    Location: "location",
    Upstream: "upstream",
}
"""The context that each block of the model is to nginx."""

Blocks = list[tuple[Path, Block]]
"""Blocks and their paths, as `walk` gives them."""


def walk(value: Any, path: Path = (), servers: bool = False) -> Iterator[tuple[Path, Block]]:
    """Every block inside a value, with its path; the servers of groups, of which there may be many, on request."""
    if isinstance(value, Block):
        if path:
            yield path, value
        keys = _keys(type(value))
        for name, inner in value.__dict__.items():
            if isinstance(inner, Block | tuple | dict):
                yield from walk(inner, (*path, keys[name]), servers)
    elif isinstance(value, tuple):
        if servers or not (value and type(value[0]) is UpstreamServer):
            for at, inner in enumerate(value):
                if isinstance(inner, Block):
                    yield from walk(inner, (*path, at), servers)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, Block):
                yield from walk(inner, (*path, key), servers)


@cache
def _keys(cls: type[Block]) -> dict[str, str]:
    return {field.name: field.key for field in cls.fields.values()}
