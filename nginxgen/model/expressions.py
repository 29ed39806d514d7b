"""The texts of a block in which nginx replaces variables."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_origin

from nginxgen.model.block import Block, is_block, strip_annotated, strip_optional
from nginxgen.model.kind import Kind
from nginxgen.source import Path


def expressions(block: Block) -> Iterator[tuple[Path, str]]:
    """Every text of a block in which nginx replaces variables, blocks inside it left aside."""
    fields = _expanding(type(block))
    for name, value in block.said().items():
        if name in fields:
            key, may_be_pattern = fields[name]
            for path, text in _texts(value, (key,)):
                if not (may_be_pattern and text.startswith("~")):
                    yield path, text


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, (*path, key))
    elif isinstance(value, tuple):
        for at, one in enumerate(value):
            yield from _texts(one, (*path, at))


@cache
def _expanding(cls: type[Block]) -> dict[str, tuple[str, bool]]:
    """The fields that hold expressions: their keys, and whether a regular expression may stand there."""
    kinds = {field.name: (field.key, _kind(field.annotation)) for field in cls.fields.values()}
    return {name: (key, kind.patterns) for name, (key, kind) in kinds.items() if kind and kind.expands}


def _kind(annotation: Any) -> Kind | None:
    """The kind of text that a field holds, by itself, in a list or as the values of a table."""
    inner, metadata = strip_annotated(strip_optional(annotation)[0])
    for one in metadata:
        if isinstance(one, Kind):
            return one
    arguments = [one for one in get_args(inner) if one is not ...]
    return _kind(arguments[-1]) if get_origin(inner) in (tuple, dict) and not is_block(inner) else None
