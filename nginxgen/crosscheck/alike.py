"""Names that differ for the file, but not for nginx, which takes upper and lower case alike."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Diagnostic, error
from nginxgen.model.block import Block
from nginxgen.model.cluster import Cluster
from nginxgen.model.maps import Geo, Map, SplitClients
from nginxgen.model.serving import Serving
from nginxgen.model.walk import Blocks
from nginxgen.source import Path

_HEADERS = ("proxy_set_header", "grpc_set_header")
OWN = "$nginxgen_"
"""How the variables begin that are filled in."""


def check(cluster: Cluster, blocks: Blocks) -> Iterator[Diagnostic]:
    """Headers that would be sent twice, and variables that are made twice."""
    made: dict[str, Path] = {}
    for path, block in blocks:
        if isinstance(block, Serving):
            yield from _headers(block, path)
        elif isinstance(block, Map | Geo | SplitClients):
            yield from _variable(block.variable, (*path, "variable"), made, cluster)


def _headers(block: Block, path: Path) -> Iterator[Diagnostic]:
    for field in _HEADERS:
        seen: dict[str, str] = {}
        for name in block.__dict__.get(field, ()):
            if (first := seen.setdefault(name.lower(), name)) != name:
                also = (((*path, field, first), "it is here"),)
                message = f"{name} is the header {first} again; the backend would get both"
                yield error("NG010", message, (*path, field, name), "keep one of them", also=also, key=True)


def _variable(name: str, where: Path, made: dict[str, Path], cluster: Cluster) -> Iterator[Diagnostic]:
    if (first := made.setdefault(name.lower(), where)) != where:
        also = ((first, "it is here"),)
        yield error("NG010", f"{name} is made twice; nginx would take one of them only", where, also=also)
    if name.lower().startswith(OWN) and cluster.defaults != "nginx":
        help = 'take another name, or say defaults = "nginx" at the top'
        yield error("NG010", f"variables that begin with {OWN} are filled in by nginxgen", where, help)
