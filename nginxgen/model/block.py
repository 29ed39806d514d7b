"""What every block of a cluster is: typed, frozen, sparse, and declared one field at a time.

A class is a set of annotated fields; `model.schema` turns the annotations into pydantic's validator and into the
JSON Schema. Only what was said is stored (the rest falls back on the class), so a location with two settings costs
two. The declarations come before `pydantic.BaseModel` because importing and building that alone takes 1.4 times
what `nginxgen render` may; pydantic's core validates here just the same.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType, NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    NamedTuple,
    Self,
    TypeGuard,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
)

from nginxgen.conf.version import Version

if TYPE_CHECKING:
    from nginxgen.model.codec import Codec


class Role(StrEnum):
    """What a field is to nginx.conf."""

    DIRECTIVE = "directive"
    """One directive of the block, or several of one name."""
    BLOCK = "block"
    """Blocks inside this one."""
    INTENT = "intent"
    """What nginx has no one word for; `expand` makes it explicit."""
    ARG = "arg"
    """A word of a directive, by its position."""
    PARAM = "param"
    """A word of a directive of the form name=value."""
    FLAG = "flag"
    """A word of a directive that stands or does not."""


class Declared(NamedTuple):
    """What a field's declaration says beside its type."""

    doc: str
    role: Role
    name: str | None = None
    placed: bool = False
    bare: bool = False
    each: bool = False
    since: Version | None = None
    codec: Codec | None = None


class Field(NamedTuple):
    """A field of a block: its declaration, with its name, type and default filled in."""

    name: str
    annotation: Any
    default: Any
    required: bool
    declared: Declared

    @property
    def key(self) -> str:
        """Its key in a file: Python's own words get a "_" behind them, files do not have it."""
        return self.name.rstrip("_")

    @property
    def word(self) -> str:
        """Nginx's word for it."""
        return self.declared.name or self.key


def directive(
    doc: str,
    *,
    name: str | None = None,
    placed: bool = False,
    bare: bool = False,
    each: bool = False,
    codec: Codec | None = None,
) -> Any:
    """A field that is one directive of its block.

    Its contexts are the blocks that hold the field, its version what the facts say of the directive.

    Args:
        doc: what it does, in a sentence.
        name: the directive, when the key is not its name.
        placed: the block's template gives it a place of its own; the others are printed by one loop.
        bare: the directive takes no parameter: it stands when the field is true.
        each: of a tuple, every element is a directive of its own.
        codec: how the field is written, when its type does not tell.
    """
    return Declared(doc, Role.DIRECTIVE, name, placed, bare, each, None, codec)


def block(doc: str, *, name: str | None = None) -> Any:
    """A field that holds blocks."""
    return Declared(doc, Role.BLOCK, name)


def intent(doc: str) -> Any:
    """A field that says what is wanted; `expand` turns it into directives."""
    return Declared(doc, Role.INTENT)


def arg(doc: str) -> Any:
    """A parameter of a directive, known by its position; of a tuple, one word each."""
    return Declared(doc, Role.ARG)


def param(doc: str, *, name: str | None = None, since: Version | None = None) -> Any:
    """A parameter of the form name=value."""
    return Declared(doc, Role.PARAM, name, since=since)


def flag(doc: str, *, name: str | None = None, since: Version | None = None) -> Any:
    """A parameter that is a word of its own."""
    return Declared(doc, Role.FLAG, name, since=since)


_EMPTY: Mapping[Any, Any] = MappingProxyType({})


def strip_annotated(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without what `Annotated` says of it, and that."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return inner, tuple(metadata)
    return annotation, ()


def strip_optional(annotation: Any) -> tuple[Any, bool]:
    """A type without ``| None``, and whether that stood there."""
    if get_origin(annotation) in (Union, UnionType):
        rest = [one for one in get_args(annotation) if one is not NoneType]
        if len(rest) == 1:
            return rest[0], True
        raise TypeError(f"{annotation} is a union; use a Choice")
    return annotation, False


def _default(annotation: Any) -> Any:
    inner, _ = strip_annotated(annotation)
    inner, optional = strip_optional(inner)
    if optional:
        return None
    inner, _ = strip_annotated(inner)
    origin = get_origin(inner) or inner
    if origin is tuple:
        return ()
    if origin is dict:
        return _EMPTY
    if origin is bool:
        return False
    if is_block(origin):
        return origin.trusted({})
    raise TypeError(f"{annotation} has no empty value; make it optional")


_REGISTERED: dict[str, type[Block]] = {}
_RESERVED = frozenset({"fields", "empty", "trusted", "from_short", "from_table", "problem", "replace", "but", "said"})


def is_block(annotation: Any) -> TypeGuard[type[Block]]:
    """Whether an annotation is a class of blocks."""
    return isinstance(annotation, BlockMeta)


def block_named(name: str) -> type[Block]:
    """The class of that name, for blocks that hold their like."""
    return _REGISTERED[name]


def registered_blocks() -> dict[str, type[Block]]:
    """Every class of blocks, by name."""
    return _REGISTERED


@dataclass_transform(kw_only_default=True, frozen_default=True)
class BlockMeta(type):
    """Collects the fields that a class and its bases declare."""

    def __new__(meta, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> BlockMeta:
        cls = super().__new__(meta, name, bases, namespace, **options)
        fields: dict[str, Field] = {}
        for base in bases:
            if isinstance(base, BlockMeta):
                fields |= base.__dict__["fields"]
        for field_name, annotation in inspect.get_annotations(cls).items():
            if not str(annotation).removeprefix("typing.").startswith("ClassVar"):
                if field_name in _RESERVED:
                    raise TypeError(f"a field cannot be named {field_name}: every block has that")
                fields[field_name] = _field(field_name, annotation, namespace.get(field_name))
        made: Any = cls
        made.fields = fields
        made.empty = {name: field.default for name, field in fields.items()}
        for name, field in fields.items():
            if name in namespace or field.required:
                setattr(cls, name, field.default)
        _REGISTERED[cls.__name__] = made
        return cls


def _field(name: str, annotation: Any, declared: Any) -> Field:
    if isinstance(declared, Declared):
        return Field(name, annotation, _default(annotation), False, declared)
    inner, metadata = strip_annotated(annotation)
    stated = [one for one in metadata if isinstance(one, Declared)]
    if not stated:
        raise TypeError(f"{name}: declare it with directive(), block(), intent(), arg(), param() or flag()")
    rest = tuple(one for one in metadata if not isinstance(one, Declared))
    return Field(name, Annotated[inner, *rest] if rest else inner, None, True, stated[0])


class Block(metaclass=BlockMeta):
    """A block of a cluster. Keyword arguments are checked like the keys of a file.

    Raises:
        ConfigError: with every reason, when a value is wrong.
    """

    fields: ClassVar[dict[str, Field]]
    """The fields by their names, in the order of the declarations."""
    empty: ClassVar[dict[str, Any]]
    """What each holds when nothing was said."""

    def __init__(self, **values: Any) -> None:
        from nginxgen.model.schema import validate

        keys = {name: field.key for name, field in self.fields.items()}
        made = validate(type(self), {keys.get(name, name): value for name, value in values.items()})
        self.__dict__.update(made.__dict__)

    @classmethod
    def trusted(cls, values: dict[str, Any]) -> Self:
        """A block of values that are known to be right; empty ones are left out."""
        made = cls.__new__(cls)
        empty = cls.empty
        made.__dict__.update({key: value for key, value in values.items() if value or value != empty[key]})
        return made

    @classmethod
    def from_short(cls, value: Any) -> Any:
        """The table that a shorter way of writing stands for; what is no short form comes back as it is."""
        return value

    @classmethod
    def from_table(cls, table: dict[str, Any]) -> list[Any]:
        """The list of such blocks that a table stands for where a list is meant: one block, unless told otherwise."""
        return [table]

    def problem(self) -> str | None:
        """What is wrong between the fields, each being right for itself."""
        return None

    def replace(self, **changes: Any) -> Self:
        """A copy with other values, which are checked."""
        return type(self)(**{**self.__dict__, **changes})

    def but(self, **changes: Any) -> Self:
        """A copy with other values, which are known to be right."""
        return self.trusted({**self.__dict__, **changes})

    def said(self) -> dict[str, Any]:
        """The fields that hold something, in no order."""
        return dict(self.__dict__)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; use .replace({name}=…)")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return bool(self.__dict__)

    def __repr__(self) -> str:
        inner = ", ".join(f"{key}={self.__dict__[key]!r}" for key in self.fields if key in self.__dict__)
        return f"{type(self).__name__}({inner})"
