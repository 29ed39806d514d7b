"""Walking through a cluster: every block with its path, and the context that it is to nginx."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, get_args, get_origin

from nginxgen.model.block import Block, is_block, strip_annotated, strip_optional
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
        for name, key in _inner(type(value)):
            if name in value.__dict__:
                yield from walk(value.__dict__[name], (*path, key), servers)
    elif isinstance(value, tuple):
        if servers or not (value and type(value[0]) is UpstreamServer):
            for at, inner in enumerate(value):
                yield from walk(inner, (*path, at), servers)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, (*path, key), servers)


@cache
def _inner(cls: type[Block]) -> list[tuple[str, str]]:
    """The fields that may hold blocks, and their keys."""
    return [(field.name, field.key) for field in cls.fields.values() if _holds_blocks(field.annotation)]


def _holds_blocks(annotation: Any) -> bool:
    inner, _ = strip_annotated(strip_optional(annotation)[0])
    return isinstance(inner, str) or is_block(inner) or any(_holds_blocks(one) for one in _arguments(inner))


def _arguments(annotation: Any) -> list[Any]:
    return [] if get_origin(annotation) is Literal else [one for one in get_args(annotation) if one is not ...]
