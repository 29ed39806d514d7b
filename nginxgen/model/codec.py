"""How a field's value becomes directives, and how these become the field's plain data again.

Each codec is a pair of inverse functions. What it reads is plain data as a file would hold it, so that what was
read passes the same checks as what was written by hand.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Protocol, get_args, get_origin

from nginxgen.conf.tree import Directive
from nginxgen.model.block import Block, Field, Role, is_block, strip_annotated, strip_optional
from nginxgen.model.record import Record, words_of, words_reader

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
        self.from_words = words_reader(inner)

    def write(self, value: Any) -> Iterator[Directive]:
        yield Directive(self.names[0], tuple(words_of(value)))

    def read(self, data: Data, name: str, args: Sequence[str]) -> bool:
        if self.key in data or (value := self.from_words(list(args))) is None:
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
        self.from_words = words_reader(item)

    def write(self, value: Any) -> Iterator[Directive]:
        for one in value:
            yield Directive(self.names[0], tuple(words_of(one)))

    def read(self, data: Data, name: str, args: Sequence[str]) -> bool:
        if (value := self.from_words(list(args))) is None:
            return False
        data.setdefault(self.key, []).append(value)
        return True


class Table:
    """A directive for each entry of a table: its key is the first word."""

    def __init__(self, field: Field, item: Any) -> None:
        self.key = field.key
        self.names = (field.word,)
        self.from_words = words_reader(item)

    def write(self, value: Any) -> Iterator[Directive]:
        for key, one in value.items():
            yield Directive(self.names[0], (key, *words_of(one)))

    def read(self, data: Data, name: str, args: Sequence[str]) -> bool:
        entries = data.get(self.key, {})
        if not args or args[0] in entries or (value := self.from_words(list(args[1:]))) is None:
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


def lines(block: Block, *names: str) -> list[Directive]:
    """The directives of the named fields of a block, in that order; of all that have no place of their own, if none.

    A template prints with it what it does not spell out.
    """
    said = block.__dict__
    every = codecs(type(block))
    if names:
        chosen: Iterable[str] = [name for name in names if name in said]
    else:
        order = _plain(type(block))
        chosen = sorted(order.keys() & said.keys(), key=order.__getitem__)
    return [directive for name in chosen for directive in every[name].write(said[name])]


@cache
def _plain(cls: type[Block]) -> dict[str, int]:
    """The fields without a place of their own, and their order."""
    return {name: at for at, name in enumerate(codecs(cls)) if not cls.fields[name].declared.placed}


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
