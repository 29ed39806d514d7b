"""``nginxgen schema``: the JSON Schema of cluster.toml."""

from __future__ import annotations

import json

from nginxgen.cli.output import emit

NAME = "schema"


def run() -> None:
    """Print the JSON Schema of cluster.toml, by which editors complete and check it."""
    from nginxgen.model.json_schema import json_schema

    emit(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
