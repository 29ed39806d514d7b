"""Parameters that came to nginx later than their directive did, as the model's fields declare them."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

from nginxgen.conf.target import Target
from nginxgen.conf.version import Version
from nginxgen.model.block import Block, is_block, strip_annotated, strip_optional
from nginxgen.model.codec import codecs_by_directive
from nginxgen.model.record import Record
from nginxgen.model.walk import CONTEXTS


def words_newer_than(directive: str, context: str, target: Target) -> dict[str, Version]:
    """The words of a directive that a target lacks, and since when nginx has them."""
    return {word: since for word, since in _dated(directive, context).items() if not target.since(since)}


@cache
def _dated(directive: str, context: str) -> dict[str, Version]:
    cls = next((one for one, name in CONTEXTS.items() if name == context), None)
    codec = codecs_by_directive(cls).get(directive) if cls else None
    if cls is None or codec is None:
        return {}
    field = next(
        one for one in cls.fields.values() if directive in (one.word, *getattr(one.declared.codec, "names", ()))
    )
    record = _record(field.annotation)
    return {one.word: one.declared.since for one in record.fields.values() if one.declared.since} if record else {}


def _record(annotation: Any) -> type[Block] | None:
    inner, _ = strip_annotated(strip_optional(annotation)[0])
    if is_block(inner):
        return inner if issubclass(inner, Record) else None
    arguments = [one for one in get_args(inner) if one is not ...]
    return _record(arguments[0]) if arguments else None
