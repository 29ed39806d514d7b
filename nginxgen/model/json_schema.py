"""The JSON Schema of cluster.toml, from the same declarations as everything else, for editors.

It describes what is written, short forms included; what only makes sense together is left to `check`.
"""

from typing import Any, Literal, get_args, get_origin

from nginxgen.conf.facts import forms_in
from nginxgen.model.block import Block, Field, Role, block_named, is_block, strip_annotated, strip_optional
from nginxgen.model.cluster import Cluster
from nginxgen.model.kind import Between, Kind
from nginxgen.model.record import Choice
from nginxgen.model.walk import CONTEXTS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_WORDS = {"type": "array", "items": {"type": ["string", "integer", "boolean", "array"]}, "minItems": 1}


def json_schema() -> dict[str, Any]:
    """The schema of a whole cluster file."""
    definitions: dict[str, Any] = {}
    root = _block(Cluster, definitions)
    return {
        "$schema": _DIALECT,
        "title": "nginxgen's cluster.toml",
        "description": "An nginx, its groups of backends and its virtual hosts.",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _reference(cls: type[Block], definitions: dict[str, Any]) -> dict[str, Any]:
    if cls.__name__ not in definitions:
        definitions[cls.__name__] = {}
        definitions[cls.__name__] = _choice(cls, definitions) if "choices" in cls.__dict__ else _block(cls, definitions)
    return {"$ref": f"#/$defs/{cls.__name__}"}


def _choice(cls: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    alone = [
        tag for tag, variant in cls.choices.items() if not any(field.required for field in variant.fields.values())
    ]
    tables = [_reference(variant, definitions) for variant in cls.choices.values()]
    return {"anyOf": [{"enum": alone}, *tables], "description": _first_line(cls)}


def _block(cls: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    properties = {field.key: _property(field, cls, definitions) for field in cls.fields.values()}
    required = [field.key for field in cls.fields.values() if field.required]
    if issubclass(cls, Choice):
        properties = {cls.tag_key: {"const": cls.tag}, **properties}
        required = [cls.tag_key, *required]
    made = {"type": "object", "properties": properties, "additionalProperties": False, "description": _first_line(cls)}
    return {**made, "required": required} if required else made


def _property(field: Field, cls: type[Block], definitions: dict[str, Any]) -> dict[str, Any]:
    made = _type(field.annotation, definitions)
    described = field.declared.doc
    if field.declared.role is Role.DIRECTIVE and (context := CONTEXTS.get(cls)):
        described += _facts(field.word, context)
    if field.declared.since:
        described += f" In nginx since {field.declared.since}."
    return {**made, "description": described}


def _facts(directive: str, context: str) -> str:
    rows = forms_in(directive, context)
    default = next((row.default for row in rows if row.default), None)
    since = min((row.since for row in rows if row.since), default=None) if all(row.since for row in rows) else None
    return (f" nginx's default: {default}." if default else "") + (f" In nginx since {since}." if since else "")


def _type(annotation: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    inner, metadata = strip_annotated(strip_optional(annotation)[0])
    for one in metadata:
        if isinstance(one, Kind):
            return _kind(one)
        if isinstance(one, Between):
            return {"type": "integer", "minimum": one.low, "maximum": one.high}
        if hasattr(one, "read"):
            return _WORDS
    if isinstance(inner, str):
        inner = block_named(inner)
    if is_block(inner):
        return _with_short_forms(inner, _reference(inner, definitions))
    origin, arguments = get_origin(inner), get_args(inner)
    if origin is tuple:
        item = _type(arguments[0], definitions)
        named = is_block(arguments[0]) and "from_table" in _overridden(arguments[0])
        several = [{"type": "array", "items": item}, item]
        return {"anyOf": [*several, {"type": "object"}] if named else several}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(arguments[1], definitions)}
    if origin is Literal:
        return {"enum": list(arguments)}
    return {"type": "boolean"}


def _with_short_forms(cls: Any, table: dict[str, Any]) -> dict[str, Any]:
    """A table, or one of the shorter ways of writing that the class takes for it."""
    if issubclass(cls, Choice):
        return table
    samples: dict[str, Any] = {"string": "", "integer": 1, "boolean": False, "array": [1, ""]}
    taken = [
        name
        for name, sample in samples.items()
        if cls.from_short(sample) is not sample and cls.from_short(sample) != sample
    ]
    return {"anyOf": [table, {"type": taken}]} if taken else table


def _kind(kind: Kind) -> dict[str, Any]:
    types = ["string"] + (["integer"] if kind.numbers else []) + (["boolean"] if kind.flags else [])
    made: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    return {**made, "pattern": kind.pattern} if kind.pattern else made


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").split("\n")[0]


def _overridden(cls: type[Block]) -> set[str]:
    """The names that a class or one of its bases below `Block` defines."""
    return {name for one in cls.__mro__ if one not in Block.__mro__ for name in vars(one)}
