"""Annotations of blocks to validators (pydantic's core), and the problems these find to diagnostics.

The only module that imports pydantic_core.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic_core import CoreSchema, PydanticCustomError, SchemaValidator, ValidationError
from pydantic_core import core_schema as core

from nginxgen.conf.facts import forms
from nginxgen.conf.token import MAX_BYTES, unrepresentable
from nginxgen.diagnostic import Diagnostic, error
from nginxgen.errors import ConfigError
from nginxgen.model.block import (
    Block,
    Field,
    Role,
    block_named,
    is_block,
    registered_blocks,
    strip_annotated,
    strip_optional,
)
from nginxgen.model.codec import codecs_by_directive
from nginxgen.model.kind import Between, NotValid, type_name
from nginxgen.model.record import Record
from nginxgen.source import Path

B = TypeVar("B", bound=Block)


def validate(cls: type[B], data: Any) -> B:
    """The block that ``data`` (tables, lists and scalars) describes.

    Raises:
        ConfigError: with every reason; the paths begin at ``data``.
    """
    try:
        made: B = _validator(cls).validate_python(data)
    except ValidationError as failed:
        raise ConfigError(problems(failed, cls, data)) from None
    return made


def can_hold(cls: type[Block], key: str, value: Any) -> bool:
    """Whether a block of this class takes this plain value under this key."""
    try:
        _field_validator(cls, key).validate_python(value)
    except ValidationError:
        return False
    return True


def fits(cls: type[Block], data: dict[str, Any]) -> bool:
    """Whether plain data is a block of this class."""
    try:
        _validator(cls).validate_python(data)
    except ValidationError:
        return False
    return True


@cache
def _field_validator(cls: type[Block], key: str) -> SchemaValidator:
    definitions: dict[str, CoreSchema] = {}
    field = next(field for field in cls.fields.values() if field.key == key)
    root = _field_schema(field, definitions)
    return SchemaValidator(core.definitions_schema(root, list(definitions.values())))


@cache
def _validator(cls: type[Block]) -> SchemaValidator:
    definitions: dict[str, CoreSchema] = {}
    root = _schema(cls, definitions)
    return SchemaValidator(core.definitions_schema(root, list(definitions.values())))


def _field_schema(field: Field, definitions: dict[str, CoreSchema]) -> CoreSchema:
    return _schema(field.annotation, definitions, lengths(field))


def lengths(field: Field) -> tuple[int, int | None]:
    """How many elements a list may have: of words, as many as the directive takes parameters."""
    inner, _ = strip_annotated(strip_optional(field.annotation)[0])
    is_words = field.declared.role is Role.DIRECTIVE and not (field.declared.each or field.declared.codec)
    if get_origin(inner) is not tuple or not is_words or is_block(get_args(inner)[0]) or field.key == "directives":
        return int(field.required), None
    ranges = [one for form in forms(field.word) for one in form.arity]
    return min(low for low, _ in ranges), max(high for _, high in ranges)


_ANY_LENGTH = 0, None


def _schema(
    annotation: Any, definitions: dict[str, CoreSchema], bounds: tuple[int, int | None] = _ANY_LENGTH
) -> CoreSchema:
    """The validator's schema for an annotation of the model; see `model.values` for the kinds of text."""
    inner, optional = strip_optional(annotation)
    if optional:
        return core.nullable_schema(_schema(inner, definitions))
    inner, metadata = strip_annotated(inner)
    for one in metadata:
        if isinstance(one, Between):
            return core.int_schema(strict=True, ge=one.low, le=one.high)
        if hasattr(one, "read"):
            return core.no_info_plain_validator_function(_text_validator(one.read))
    if is_block(inner):
        return _block_reference(inner, definitions)
    origin, arguments = get_origin(inner), get_args(inner)
    if origin is tuple:
        item = block_named(arguments[0]) if isinstance(arguments[0], str) else arguments[0]
        least, most = bounds
        many = core.tuple_schema([_schema(item, definitions)], variadic_item_index=0, min_length=least, max_length=most)
        return core.no_info_before_validator_function(_listing(item), many)
    if origin is dict:
        return core.dict_schema(_schema(arguments[0], definitions), _schema(arguments[1], definitions, (1, None)))
    if origin is Literal:
        return core.literal_schema(list(arguments))
    if inner is bool:
        return core.bool_schema(strict=True)
    raise TypeError(f"the model has no such type: {annotation!r}")


def _text_validator(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        try:
            return read(value)
        except NotValid as problem:
            raise _refusal(str(problem), problem.help) from None

    return check


def _refusal(message: str, help: str | None = None) -> PydanticCustomError:
    return PydanticCustomError("refused", "{message}", {"message": message, "help": help})


def _listing(item: Any) -> Callable[[Any], Any]:
    """One value where a list is meant is a list of one; a table may be a list by name."""
    from_table = item.from_table if is_block(item) else None

    def listed(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return list(value)
        return from_table(value) if from_table and isinstance(value, dict) else [value]

    return listed


def _block_reference(cls: type[Block], definitions: dict[str, CoreSchema]) -> CoreSchema:
    if cls.__name__ not in definitions:
        definitions[cls.__name__] = core.any_schema()  # a promise, for blocks that hold their like
        definitions[cls.__name__] = _block_schema(cls, definitions)
    return core.definition_reference_schema(cls.__name__)


def _block_schema(cls: Any, definitions: dict[str, CoreSchema]) -> CoreSchema:
    table: CoreSchema
    if choices := cls.__dict__.get("choices"):
        variants = {tag: _block_reference(variant, definitions) for tag, variant in choices.items()}
        table = core.tagged_union_schema(variants, discriminator=cls.tag_key)
    else:
        fields = {
            field.key: core.typed_dict_field(_field_schema(field, definitions), required=field.required)
            for field in cls.fields.values()
        }
        if tag := cls.__dict__.get("tag"):
            fields[cls.tag_key] = core.typed_dict_field(core.literal_schema([tag]), required=False)
        table = core.typed_dict_schema(fields, extra_behavior="forbid", total=False)
    return core.no_info_wrap_validator_function(_builder(cls), table, ref=cls.__name__)


def _builder(cls: Any) -> Callable[[Any, Callable[[Any], Any]], Any]:
    """What makes a block of a checked table; a block that is one already is taken as it is."""
    renamed = {field.key: field.name for field in cls.fields.values() if field.key != field.name}
    tag_key = cls.tag_key if "tag" in cls.__dict__ else None
    looks_between = cls.problem is not Block.problem
    is_record = issubclass(cls, Record)

    def build(value: Any, check: Callable[[Any], Any]) -> Any:
        if isinstance(value, cls):
            return value
        checked = check(cls.from_short(value))
        if not isinstance(checked, dict):
            return checked
        for key, name in renamed.items():
            if key in checked:
                checked[name] = checked.pop(key)
        checked.pop(tag_key, None)
        made = cls.trusted(checked)
        if looks_between and (problem := made.problem()):
            raise _refusal(problem)
        if is_record and (long := _too_long(made)):
            raise _refusal(long)
        return made

    return build


def _too_long(record: Record) -> str | None:
    """Why nginx cannot read one of a record's words, which may be longer than the value in it."""
    if not any(isinstance(value, str) and len(value) > _LONG for value in record.__dict__.values()):
        return None
    return next((f"a word of it {problem}" for word in record.words() if (problem := unrepresentable(word))), None)


_LONG = MAX_BYTES // 2 - 64


def problems(failed: ValidationError, cls: type[Block], data: Any) -> list[Diagnostic]:
    """What a validator found, as diagnostics whose paths begin at ``data``."""
    errors = failed.errors(include_url=False)
    places = [one["loc"] for one in errors]
    # A list whose elements are wrong is not too short, though pydantic counts only the right ones.
    kept = [one for one in errors if one["type"] != "too_short" or not any(_is_inside(at, one["loc"]) for at in places)]
    return list(dict.fromkeys(_diagnostic(dict(one), cls, data) for one in kept))


def _is_inside(inner: tuple[Any, ...], outer: tuple[Any, ...]) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _diagnostic(problem: dict[str, Any], cls: type[Block], data: Any) -> Diagnostic:
    where, block, is_key = _follow(problem["loc"], cls, data)
    context = problem.get("ctx", {})
    last = problem["loc"][-1] if problem["loc"] else ""
    match problem["type"]:
        case "refused":
            return error("NG006", context["message"], where, context["help"], key=is_key)
        case "extra_forbidden":
            return error("NG003", f'unknown key "{last}"', where, _key_help(str(last), block), key=True)
        case "missing":
            inside = where[:-1] if where[-1:] == (last,) else where
            return error("NG004", f'the key "{last}" is missing', inside, _doc_of(block, str(last)))
        case "literal_error" | "union_tag_invalid":
            expected = context.get("expected") or context["expected_tags"]
            given = context.get("tag", problem["input"])
            if "tag" in context and isinstance(_value_at(data, where), dict):
                where = (*where, context["discriminator"].strip("'"))
            return error("NG007", f'"{given}" is not one of {expected}', where, _close_help(given, expected))
        case "union_tag_not_found":
            return error("NG004", "the key method is missing", where)
        case "greater_than_equal" | "less_than_equal":
            bound = "least" if "ge" in context else "most"
            return error(
                "NG006", f"{problem['input']} is out of range: at {bound} {context.get('ge', context.get('le'))}", where
            )
        case "too_short":
            return error(
                "NG006", f"a list of {context['min_length']} at least is expected", where, _doc_of(block, str(last))
            )
        case "too_long":
            return error(
                "NG006", f"a list of {context['max_length']} at most is expected", where, _doc_of(block, str(last))
            )
    wanted = _WANTED.get(problem["type"], problem["msg"])
    switch = (
        {"on": "write true", "off": "write false"}.get(str(problem["input"])) if wanted == "true or false" else None
    )
    return error("NG005", f"{type_name(problem['input'])} stands where {wanted} is expected", where, switch)


_WANTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "dict_type": "a table",
    "tuple_type": "a list",
    "model_attributes_type": "a word or a table",
}


def _follow(loc: tuple[Any, ...], cls: Any, data: Any) -> tuple[Path, Any, bool]:
    """The path in the data that pydantic's location means, the block in which it ends, and whether a key is meant."""
    path: list[str | int] = []
    block: Any = cls
    annotation: Any = cls
    is_key = False
    for part in loc:
        if part == "[key]":
            is_key = True
            continue
        inner = _bare(annotation)
        if is_block(inner):
            block = inner
            if part in getattr(inner, "choices", ()) and "choices" in inner.__dict__:
                annotation = inner.choices[part]  # type: ignore[attr-defined]
                continue
            field = next((one for one in inner.fields.values() if one.key == part), None)
            annotation = field.annotation if field else None
        elif get_origin(inner) in (tuple, dict):
            annotation = get_args(inner)[-1 if get_origin(inner) is dict else 0]
        is_name = part in ("name", "key") and isinstance(data, _Named)
        data, step = _step(data, part, inner)
        if is_name:
            is_key = True
        elif step is not None:
            path.append(step)
    if is_block(inner := _bare(annotation)):
        block = inner
    return tuple(path), block, is_key


def _bare(annotation: Any) -> Any:
    if isinstance(annotation, str):
        return block_named(annotation)
    inner, _ = strip_optional(annotation)
    return strip_annotated(inner)[0]


def _value_at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


class _Named:
    """What a table holds under a name, where a list of blocks is meant."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _step(data: Any, part: Any, annotation: Any) -> tuple[Any, str | int | None]:
    """One step into plain data; a short form that stands for a list or table has no step."""
    if isinstance(data, _Named):
        data = data.value
    match data, part:
        case dict(), str():
            return data.get(part), part if part in data else None
        case dict(), int():
            item = get_args(annotation)[0] if get_origin(annotation) is tuple else None
            if not is_block(item) or item.from_table(data) == [data]:
                return data, None  # one table where a list is meant
            key = list(data)[part] if part < len(data) else None
            return _Named(data.get(key)), key
        case list() | tuple(), int():
            return (data[part] if part < len(data) else None), part
    return data, None


def _key_help(key: str, block: Any) -> str | None:
    """Where a key that is unknown here belongs, or what was meant."""
    fields = list(block.fields.values())
    if codec := codecs_by_directive(block).get(key):
        home = next((field.key for field in fields if key in getattr(field.declared.codec, "names", ())), None)
        if home and codec:
            return f'nginx\'s {key} is said under the key "{home}"'
    places = [_PLACES[name] for name, one in registered_blocks().items() if name in _PLACES and _has_key(one, key)]
    if slip := get_close_matches(key, [field.key for field in fields], n=1, cutoff=0.9):
        return f'did you mean "{slip[0]}"?'
    if places:
        return f"it belongs to {' or '.join(places)}"
    if "directives" in block.fields and forms(key):
        return f'it has no field; write it as words: directives = [["{key}", "…"]]'
    if close := get_close_matches(key, [field.key for field in fields], n=1):
        return f'did you mean "{close[0]}"?'
    return f"known here: {', '.join(sorted(field.key for field in fields))}" if len(fields) < 25 else None


_PLACES = {
    "Cluster": "the top of the file",
    "Nginx": "[nginx]",
    "Events": "[nginx.events]",
    "Http": "[http]",
    "Map": "[[http.map]]",
    "Upstream": "[upstream.NAME]",
    "UpstreamServer": "a server of a group",
    "Tls": "[tls.NAME]",
    "Server": "[[server]]",
    "Listen": "an entry of listen",
    "Location": "[[server.location]]",
}
"""How people write the blocks."""


def _has_key(cls: type[Block], key: str) -> bool:
    return any(field.key == key for field in cls.fields.values())


def _close_help(given: Any, expected: str) -> str | None:
    words = [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]
    close = get_close_matches(str(given), words, n=1)
    return f'did you mean "{close[0]}"?' if close else None


def _doc_of(block: Any, key: str) -> str | None:
    return next((field.declared.doc for field in block.fields.values() if field.key == key), None)
