"""The texts of a block in which nginx replaces variables."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from nginxgen.model.block import Block, is_block, strip_annotated, strip_optional
from nginxgen.model.kind import Kind
from nginxgen.source import Path


def expressions(block: Block) -> Iterator[tuple[Path, str]]:
    """Every text of a block in which nginx replaces variables, blocks inside it left aside."""
    fields = _expanding(type(block))
    for name, value in block.said().items():
        if name in fields:
            yield from _texts(value, (fields[name],))


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        if not value.startswith("~"):  # a regular expression, where one may stand
            yield path, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, (*path, key))
    elif isinstance(value, tuple):
        for at, one in enumerate(value):
            yield from _texts(one, (*path, at))


@cache
def _expanding(cls: type[Block]) -> dict[str, str]:
    """The fields that hold expressions, and their keys."""
    return {field.name: field.key for field in cls.fields.values() if _expands(field.annotation)}


def _expands(annotation: Any) -> bool:
    inner, metadata = strip_annotated(strip_optional(annotation)[0])
    if any(isinstance(one, Kind) for one in metadata):
        return any(isinstance(one, Kind) and one.expands for one in metadata)
    arguments = getattr(inner, "__args__", ())
    return bool(arguments) and not is_block(inner) and any(_expands(one) for one in arguments if one is not ...)
