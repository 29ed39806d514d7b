"""Where two values of the model differ first."""

from __future__ import annotations

from typing import Any

from nginxgen.model.block import Block
from nginxgen.source import Path


def find_difference(meant: Any, found: Any, path: Path = ()) -> tuple[Path, Any, Any]:
    """The path of the first difference, and what stands there on either side."""
    if isinstance(meant, Block) and type(meant) is type(found):
        for field in type(meant).fields.values():
            left, right = getattr(meant, field.name), getattr(found, field.name)
            if left != right:
                return find_difference(left, right, (*path, field.key))
    if isinstance(meant, dict) and isinstance(found, dict):
        for key in {**meant, **found}:
            if meant.get(key) != found.get(key):
                return find_difference(meant.get(key), found.get(key), (*path, key))
    if type(meant) is tuple and type(found) is tuple:
        for at, (left, right) in enumerate(zip(meant, found, strict=False)):
            if left != right:
                return find_difference(left, right, (*path, at))
        if len(meant) != len(found):
            at = min(len(meant), len(found))
            return (*path, at), (meant[at:] or (None,))[0], (found[at:] or (None,))[0]
    return path, meant, found
