"""The escape hatch: nothing may stand there that has a field, or there would be two places to look."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from nginxgen.diagnostic import Diagnostic, error
from nginxgen.model.block import Block
from nginxgen.model.cluster import Cluster
from nginxgen.model.hatch import Open
from nginxgen.model.server import Server
from nginxgen.model.tls import Tls
from nginxgen.model.walk import Blocks
from nginxgen.read import find_home

_BLOCKS = {
    "events": "[nginx.events]",
    "http": "[http]",
    "types": "the key types",
    "map": "[[http.map]]",
    "geo": "[[http.geo]]",
    "split_clients": "[[http.split_clients]]",
    "upstream": "[upstream.NAME]",
    "server": "[[server]]",
    "location": "[[server.location]]",
}
"""How people write the blocks that the model has."""


def check(cluster: Cluster, blocks: Blocks) -> Iterator[Diagnostic]:
    """Directives of the escape hatch that belong into a field."""
    for path, block in blocks:
        if not isinstance(block, Open):
            continue
        for at, directive in enumerate(block.directives):
            home = find_home(Server if isinstance(block, Tls) else type(block), directive)
            if home is not None and not _says_already(block, home):
                help = f"write {', '.join(f'{key} = {_toml(value)}' for key, value in home.items())}"
                if directive.block is not None:
                    help = f"write it as {_BLOCKS.get(directive.name, directive.name)}"
                where = (*path, "directives", at)
                yield error(
                    "NG035",
                    f"{directive.name} has a {'field' if directive.block is None else 'block'} of its own",
                    where,
                    help,
                )


def _says_already(block: Block, home: dict[str, Any]) -> bool:
    """Whether a table of the block has that name already: nginx sends some headers twice, a table cannot say so."""
    return any(
        isinstance(value, dict) and value.keys() & (getattr(block, key, None) or ()) for key, value in home.items()
    )


def _key(key: str) -> str:
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else json.dumps(key)


def _toml(value: Any) -> str:
    """A plain value as TOML writes it, inline."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
