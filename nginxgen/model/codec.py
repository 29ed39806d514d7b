"""How a field's value becomes directives, and how these become the field's plain data again.

Each codec is a pair of inverse functions. What it reads is plain data as a file would hold it, so that what was
read passes the same checks as what was written by hand.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Protocol, get_args, get_origin

from nginxgen.conf.tree import Directive
from nginxgen.model.block import Block, Field, Record, Role, is_block, strip_annotated, strip_optional
from nginxgen.model.kind import Between
from nginxgen.model.names import Match

Data = dict[str, Any]


class Codec(Protocol):
    """A field's way into nginx.conf and back."""

    @property
    def names(self) -> tuple[str, ...]:
        """The directives that are this field's."""
        ...

    def write(self, value: Any) -> Iterable[Directive]:
        """The directives that say what the value says."""
        ...

    def read(self, data: Data, name: str, args: Sequence[str]) -> bool:
        """Put what a directive says into ``data``; False when the field cannot hold it."""
        ...


class Single:
    """One directive, of one word or more."""

    def __init__(self, field: Field, inner: Any) -> None:
        self.key = field.key
        self.names = (field.word,)
        self.inner = inner

    def write(self, value: Any) -> Iterator[Directive]:
        yield Directive(self.names[0], tuple(words_of(value)))

    def read(self, data: Data, name: str, args: Sequence[str]) -> bool:
        if self.key in data or (value := from_words(self.inner, list(args))) is None:
            return False
        data[self.key] = value
        return True


class Bare:
    """A directive without parameters, which stands when the field is true."""

    def __init__(self, field: Field) -> None:
        self.key = field.key
        self.names = (field.word,)

    def write(self, value: Any) -> Iterator[Directive]:
        yield Directive(self.names[0])

    def read(self, data: Data, name: str, args: Sequence[str]) -> bool:
        if self.key in data or args:
            return False
        data[self.key] = True
        return True


class Each:
    """A directive for each element of a list."""

    def __init__(self, field: Field, item: Any) -> None:
        self.key = field.key
        self.names = (field.word,)
        self.item = item

    def write(self, value: Any) -> Iterator[Directive]:
        for one in value:
            yield Directive(self.names[0], tuple(words_of(one)))

    def read(self, data: Data, name: str, args: Sequence[str]) -> bool:
        if (value := from_words(self.item, list(args))) is None:
            return False
        data.setdefault(self.key, []).append(value)
        return True


class Table:
    """A directive for each entry of a table: its key is the first word."""

    def __init__(self, field: Field, item: Any) -> None:
        self.key = field.key
        self.names = (field.word,)
        self.item = item

    def write(self, value: Any) -> Iterator[Directive]:
        for key, one in value.items():
            yield Directive(self.names[0], (key, *words_of(one)))

    def read(self, data: Data, name: str, args: Sequence[str]) -> bool:
        entries = data.get(self.key, {})
        if not args or args[0] in entries or (value := from_words(self.item, list(args[1:]))) is None:
            return False
        data.setdefault(self.key, {})[args[0]] = value
        return True


@cache
def codecs(cls: type[Block]) -> dict[str, Codec]:
    """The codec of every field of a block that is a directive, in the order of the declarations."""
    return {
        field.name: field.declared.codec or _codec(field)
        for field in cls.fields.values()
        if field.declared.role is Role.DIRECTIVE
    }


@cache
def codecs_by_directive(cls: type[Block]) -> dict[str, Codec]:
    """The codec for every directive that a block's fields stand for."""
    return {name: codec for codec in codecs(cls).values() for name in codec.names}


def _codec(field: Field) -> Codec:
    inner, _ = strip_optional(field.annotation)
    bare, _ = strip_annotated(inner)
    if field.declared.bare:
        return Bare(field)
    if get_origin(bare) is tuple and (field.declared.each or is_block(get_args(bare)[0])):
        return Each(field, get_args(bare)[0])
    if get_origin(bare) is dict:
        return Table(field, get_args(bare)[1])
    return Single(field, inner)


def words_of(value: Any) -> list[str]:
    """A value's words in nginx.conf."""
    match value:
        case Match() | Record():
            return value.words()
        case str():
            return [value]
        case bool():
            return ["on" if value else "off"]
        case int():
            return [str(value)]
        case tuple():
            return [word for one in value for word in words_of(one)]
    raise TypeError(f"{value!r} has no words in nginx.conf")


def from_words(annotation: Any, words: list[str]) -> Any:
    """The plain data that words stand for under a type; None when the type cannot hold them."""
    inner, _ = strip_optional(annotation)
    inner, metadata = strip_annotated(inner)
    if is_block(inner):
        return inner.from_words(words) if issubclass(inner, Record) else None
    if get_origin(inner) is tuple:
        item = get_args(inner)[0]
        values = [from_words(item, [one]) for one in words]
        return None if not words or None in values else values
    if inner is Match:
        return " ".join(words) if len(words) in (1, 2) else None
    if len(words) != 1:
        return None
    if inner is bool:
        return {"on": True, "off": False}.get(words[0])
    if inner is int or any(isinstance(one, Between) for one in metadata):
        return int(words[0]) if words[0].isascii() and words[0].isdigit() and len(words[0]) < 20 else None
    return words[0]


def record_words(record: Record) -> list[str]:
    """A record's words, in the order of its fields."""
    said = record.__dict__
    words: list[str] = []
    for name, role, word in _layout(type(record)):
        if name in said:
            value = said[name]
            if role is Role.ARG:
                words += words_of(value)
            elif role is Role.PARAM:
                words += [f"{word}={one}" for one in words_of(value)]
            elif role is Role.FLAG and value:
                words.append(word)
    return words


@cache
def _layout(cls: type[Block]) -> list[tuple[str, Role, str]]:
    return [(field.name, field.declared.role, field.word) for field in cls.fields.values()]


@cache
def _parameters(cls: type[Block]) -> dict[str, Field]:
    return {field.word: field for field in cls.fields.values() if field.declared.role is Role.PARAM}


@cache
def _flags(cls: type[Block]) -> dict[str, str]:
    return {field.word: field.key for field in cls.fields.values() if field.declared.role is Role.FLAG}


@cache
def _positional(cls: type[Block]) -> list[Field]:
    return [field for field in cls.fields.values() if field.declared.role is Role.ARG]


def record_from_words(cls: type[Block], words: Sequence[str]) -> Data | None:
    """The table that words stand for: the positional ones first, the others in any order."""
    data: Data = {}
    rest = list(words)
    for field in _positional(cls):
        inner, _ = strip_annotated(strip_optional(field.annotation)[0])
        if get_origin(inner) is tuple:
            count = next((at for at, one in enumerate(rest) if _is_named(cls, one)), len(rest))
        else:
            count = 1 if rest and (field.required or not _is_named(cls, rest[0])) else 0
        if count and (value := from_words(field.annotation, rest[:count])) is not None:
            data[field.key] = value
            rest = rest[count:]
        elif field.required:
            return None
    for one in rest:
        if not _read_named(cls, one, data):
            return None
    return data


def _is_named(cls: type[Block], word: str) -> bool:
    return word in _flags(cls) or word.partition("=")[0] in _parameters(cls)


def _read_named(cls: type[Block], word: str, data: Data) -> bool:
    if key := _flags(cls).get(word):
        data[key] = True
        return True
    key, equals, text = word.partition("=")
    field = _parameters(cls).get(key)
    if not equals or field is None or (value := from_words(field.annotation, [text])) is None:
        return False
    if isinstance(value, list):
        data.setdefault(field.key, []).extend(value)
        return True
    if field.key in data:
        return False
    data[field.key] = value
    return True


def lines(block: Block, *names: str) -> list[Directive]:
    """The directives of the named fields of a block, in that order; of all that have no place of their own, if none.

    A template prints with it what it does not spell out.
    """
    said = block.__dict__
    every = codecs(type(block))
    chosen = names or _plain(type(block))
    return [directive for name in chosen if name in said for directive in every[name].write(said[name])]


@cache
def _plain(cls: type[Block]) -> tuple[str, ...]:
    return tuple(name for name in codecs(cls) if not cls.fields[name].declared.placed)


class AccessCodec:
    """``allow`` and ``deny`` are one list: their order decides."""

    names = ("allow", "deny")

    def write(self, value: Sequence[Record]) -> Iterator[Directive]:
        for rule in value:
            for name, network in rule.said().items():
                yield Directive(name, (network,))

    def read(self, data: Data, name: str, args: Sequence[str]) -> bool:
        if len(args) != 1:
            return False
        data.setdefault("access", []).append({name: args[0]})
        return True
