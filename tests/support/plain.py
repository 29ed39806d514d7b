"""Plain data for any class of the model, as a file would hold it: the least that it takes with one field said.

Made from the declarations alone; what a class asks for between its fields is found by trying.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Any, Literal, get_args, get_origin

from nginxgen.conf.facts import FREE_FORM, directive_names, forms_in
from nginxgen.conf.grammar import inner_context
from nginxgen.model.block import Block, Field, block_named, is_block, strip_annotated, strip_optional
from nginxgen.model.codec import codecs_by_directive
from nginxgen.model.hatch import RawDirective
from nginxgen.model.kind import Between, Kind
from nginxgen.model.lint import Lint
from nginxgen.model.schema import fits, lengths
from nginxgen.model.server import Server
from nginxgen.model.test import BackendAnswer, Expected, Test
from nginxgen.model.tls import Tls
from nginxgen.model.walk import CONTEXTS
from nginxgen.model.workers import Probe, Workers
from support.texts import sample, samples

Data = dict[str, Any]
HATCH = get_args(RawDirective)[1]


class NotTaken(AssertionError):
    """A value that a block does not take, whatever stands beside it."""


class Bare:
    """A field's type, taken apart."""

    def __init__(self, annotation: Any) -> None:
        inner, outer = strip_annotated(strip_optional(annotation)[0])
        self.type = block_named(inner) if isinstance(inner, str) else inner
        self.kind = next((one for one in outer if isinstance(one, Kind)), None)
        self.between = next((one for one in outer if isinstance(one, Between)), None)
        self.is_hatch = HATCH in outer
        self.origin = get_origin(inner)
        self.arguments = get_args(inner)
        self.block: type[Block] | None = self.type if is_block(self.type) else None

    @property
    def item(self) -> Any:
        """The type of a list's elements, or of a table's values."""
        return self.arguments[-1] if self.origin is dict else self.arguments[0]


@cache
def bare(annotation: Any) -> Bare:
    """A field's type, taken apart."""
    return Bare(annotation)


def is_recursive(field: Field) -> bool:
    """Whether a field holds blocks of the class that it stands in."""
    found = bare(field.annotation)
    return found.origin is tuple and isinstance(found.arguments[0], str)


OF_NGINXGEN = frozenset({Workers, Probe, Lint, Test, BackendAnswer, Expected})
"""Blocks of which nothing is printed."""


def is_of_nginx(field: Field) -> bool:
    """Whether a field says something to nginx, and not only to what runs it with its workers."""
    found = bare(field.annotation)
    block = bare(found.item).block if found.origin in (tuple, dict) else found.block
    return block not in OF_NGINXGEN


def example(annotation: Any, cls: type[Block] | None = None) -> Any:
    """Plain data of a type, always the same; ``cls`` is the block that holds it."""
    return next(examples(annotation, cls))


def examples(annotation: Any, cls: type[Block] | None = None) -> Iterator[Any]:
    """Plain data of a type: the sample first, then others."""
    found = bare(annotation)
    if found.kind:
        yield from (sample(found.kind), *samples(found.kind))
    elif found.between:
        yield from (min(max(found.between.low, 7), found.between.high), found.between.low, found.between.high)
    elif found.is_hatch and cls:
        yield from ([form.name, *form.arguments("harmless")] for form in free_directives(cls))
    elif found.origin is Literal:
        yield from found.arguments
    elif found.type is bool:
        yield from (True, False)
    elif found.origin is tuple:
        yield from ([one] for one in examples(found.item, cls))
        yield [example(found.item, cls)] * 2
    elif found.origin is dict:
        yield from ({key: one} for key in examples(found.arguments[0]) for one in examples(found.item))
    elif found.block and "choices" in found.block.__dict__:
        yield from (table(one) for one in found.block.__dict__["choices"].values())
    elif found.block:
        yield table(found.block)
    else:
        raise AssertionError(f"the model has a new kind of type: {annotation}")


def padded(field: Field, value: Any) -> Any:
    """A value with as many elements as the field takes."""
    if not isinstance(value, list):
        return value
    least, most = lengths(field)
    missing = [example(bare(field.annotation).item)] * (least - len(value)) if len(value) < least else []
    return [*value, *missing][:most]


def example_of(field: Field, cls: type[Block]) -> Any:
    """Plain data of a field, always the same."""
    return padded(field, example(field.annotation, cls))


def table(cls: type[Block], name: str | None = None, value: Any = None) -> Data:
    """The least that a class takes, with one field said; what goes with it is found by trying."""
    for data in _tables(cls, name, value):
        if fits(cls, data):
            return data
    raise NotTaken(f"{cls.__name__} does not take {name} = {value!r} with anything tried beside it")


def _tables(cls: type[Block], name: str | None, value: Any) -> Iterator[Data]:
    own = {} if name is None else {cls.fields[name].key: value}
    own |= tag(cls)
    required = [field for field in cls.fields.values() if field.required and field.name != name]
    least = {field.key: example_of(field, cls) for field in required} | own
    yield least
    optional = [field for field in cls.fields.values() if not field.required and field.name != name]
    for count in (1, 2):
        for beside in combinations(optional, count):
            yield {**{field.key: example_of(field, cls) for field in beside}, **least}
    for field in required:
        yield from ({**least, field.key: one} for one in examples(field.annotation))


def tag(cls: type[Block]) -> Data:
    """The word that tells one of several records from the others."""
    return {cls.tag_key: cls.tag} if "tag" in cls.__dict__ else {}  # type: ignore[attr-defined]


class FreeDirective:
    """A directive that has no field in a block: only the escape hatch can say it."""

    def __init__(self, name: str, context: str, count: int, is_flag: bool, is_block: bool) -> None:
        self.name = name
        self.context = context
        self.count = count
        """The least number of parameters that it takes."""
        self.is_flag = is_flag
        self.is_block = is_block

    def arguments(self, word: str) -> list[Any]:
        """As few parameters as it takes, as the escape hatch has them."""
        words = ["on" if self.is_flag else word] * self.count
        return [words, []] if self.is_block else words


def context_of(cls: type[Block]) -> str:
    """The context that a block is to nginx; TLS settings become part of a server."""
    return CONTEXTS[Server if cls is Tls else cls]


@cache
def free_directives(cls: type[Block]) -> tuple[FreeDirective, ...]:
    """Every directive of today's nginx that a block may hold and has no field for."""
    fields = codecs_by_directive(Server if cls is Tls else cls)
    blocks = {"http", "events", "server", "upstream", "location", "types", "map", "geo", "split_clients"}
    found = directives_in(context_of(cls))
    return tuple(one for one in found if one.name not in fields and one.name not in blocks)


@cache
def directives_in(context: str) -> tuple[FreeDirective, ...]:
    """Every directive that today's nginx has in a context; those without a block first."""
    found = []
    for name in directive_names():
        for form in (one for one in forms_in(name, context) if one.until is None):
            count = next(count for count in range(9) if form.takes(count))
            found.append(FreeDirective(name, context, count, form.is_flag, form.block))
            break
    return tuple(sorted(found, key=lambda one: (one.is_block, one.count != 1 or one.is_flag, one.name)))


def inside(directive: FreeDirective) -> tuple[FreeDirective, ...]:
    """What may stand in the block of a directive."""
    if directive.name in FREE_FORM:
        return ()
    return directives_in(inner_context(directive.name, directive.context))
