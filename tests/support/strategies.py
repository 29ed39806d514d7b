"""Hypothesis strategies for whole clusters, derived from the model's declarations: a new field is reached by itself."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from hypothesis import strategies as st

from nginxgen.conf.tree import Directive
from nginxgen.model.block import Block, Field, Role
from nginxgen.model.cluster import Cluster
from nginxgen.model.codec import codecs_by_directive
from nginxgen.model.hatch import Open
from nginxgen.model.kind import Between
from nginxgen.model.maps import Entry
from nginxgen.model.schema import fits, validate
from nginxgen.model.server import Server
from nginxgen.model.tls import Tls
from nginxgen.read import find_home
from support.plain import (
    Data,
    FreeDirective,
    bare,
    free_directives,
    inside,
    is_of_nginx,
    is_recursive,
    padded,
    table,
    tag,
)
from support.texts import characters, pieces, texts

MOST_FIELDS = 5
DEEPEST = 2


def is_explicit(field: Field) -> bool:
    """Whether a field may stand in a cluster that is expanded: not intent, or lines that are printed as they are."""
    item = bare(field.annotation)
    entries = item.origin is tuple and bare(item.item).block
    return field.declared.role is not Role.INTENT or bool(entries and issubclass(entries, Entry))


def field_values(field: Field, intents: bool = True, depth: int = 1) -> st.SearchStrategy[Any]:
    """Plain data of a field."""
    return values(field.annotation, intents, depth).map(lambda value: padded(field, value))


@cache
def values(annotation: Any, intents: bool, depth: int) -> st.SearchStrategy[Any]:
    """Plain data of a type."""
    found = bare(annotation)
    if found.kind:
        return texts(found.kind)
    if found.between:
        return numbers(found.between)
    if found.origin is Literal:
        return st.sampled_from(found.arguments)
    if found.type is bool:
        return st.booleans()
    if found.block:
        return tables(found.block, intents, depth)
    if found.origin is dict:
        key, value = (values(one, intents, depth) for one in found.arguments)
        return st.dictionaries(key.map(str), value, min_size=1, max_size=3)
    return st.lists(values(found.item, intents, depth), min_size=1, max_size=3)


@cache
def numbers(between: Between) -> st.SearchStrategy[int]:
    """Whole numbers, their bounds more often than others."""
    return st.one_of(st.sampled_from((between.low, between.high)), st.integers(between.low, between.high))


@st.composite
def tables(draw: st.DrawFn, cls: type[Block], intents: bool, depth: int = 0) -> Data:
    """Plain data of a class: what it needs, a few other fields, and now and then blocks and the escape hatch."""
    if choices := cls.__dict__.get("choices"):
        cls = choices[draw(st.sampled_from(sorted(choices)))]
    required, plain, blocks = _fields(cls, intents)
    data = {field.key: draw(field_values(field, intents, depth)) for field in required}
    for _ in range(draw(_few) if plain else 0):
        field = plain[draw(st.integers(0, len(plain) - 1))]
        data[field.key] = draw(field_values(field, intents, depth))
    for field in blocks:
        if depth < DEEPEST and draw(st.integers(0, 2)) == 0:
            data[field.key] = draw(field_values(field, intents, depth + is_recursive(field)))
    if issubclass(cls, Open) and draw(st.integers(0, 2)) == 0:
        data["directives"] = draw(hatch(cls))
    return fitting(cls, data | tag(cls))


@cache
def _fields(cls: type[Block], intents: bool) -> tuple[list[Field], list[Field], list[Field]]:
    """The fields that must be said, those that may be, and those that hold blocks."""
    known = [one for one in cls.fields.values() if is_of_nginx(one) and one.name != "directives"]
    fields = [one for one in known if intents or is_explicit(one)]
    optional = [one for one in fields if not one.required]
    blocks = [one for one in optional if one.declared.role is Role.BLOCK]
    return [one for one in fields if one.required], [one for one in optional if one not in blocks], blocks


def fitting(cls: type[Block], data: Data) -> Data:
    """The data, or as much of it as is right between the fields."""
    if fits(cls, data):
        return data
    optional = [field.key for field in cls.fields.values() if not field.required and field.key in data]
    for key in optional:
        less = {name: value for name, value in data.items() if name != key}
        if fits(cls, less):
            return less
    least = {name: value for name, value in data.items() if name not in optional}
    return least if fits(cls, least) else table(cls)


@cache
def hatch(cls: type[Block]) -> st.SearchStrategy[list[Any]]:
    """Directives that have no field in a block, and those of which the field cannot hold what they say."""
    own = Server if cls is Tls else cls
    names = sorted(codecs_by_directive(own).keys() - {"directives"})
    odd = st.tuples(st.sampled_from(names), st.lists(_words, max_size=3)).map(lambda one: [one[0], *one[1]])
    homeless = odd.filter(lambda words: find_home(own, Directive(words[0], tuple(words[1:]))) is None)
    free = st.sampled_from(free_directives(cls)).flatmap(lambda one: free_words(one, 0))
    return st.lists(st.one_of(free, free, homeless), min_size=1, max_size=3)


_few = st.integers(0, MOST_FIELDS)
_words = st.one_of(pieces, characters, st.just(""))


@st.composite
def free_words(draw: st.DrawFn, directive: FreeDirective, depth: int) -> list[Any]:
    """A directive of the escape hatch, with as many words as nginx takes and, for a block, what may stand in it."""
    words = [
        draw(st.sampled_from(("on", "off"))) if directive.is_flag else draw(_words) for _ in range(directive.count)
    ]
    if not directive.is_block:
        return [directive.name, *words]
    available = [one for one in inside(directive) if depth < DEEPEST or not one.is_block]
    block = []
    if available:
        block = draw(st.lists(st.sampled_from(available).flatmap(lambda one: free_words(one, depth + 1)), max_size=2))
    return [directive.name, words, block]


@st.composite
def cluster_data(draw: st.DrawFn, intents: bool) -> Data:
    """Plain data of a whole cluster; explicit, or with intents."""
    data: Data = {} if intents else {"defaults": "nginx"}
    for field in Cluster.fields.values():
        if field.declared.role is Role.BLOCK or (intents and field.key == "tls"):
            data[field.key] = draw(values(field.annotation, intents, 0))
    return data


explicit_clusters = cluster_data(intents=False).map(lambda data: validate(Cluster, data))
"""Clusters without intent: what `expand` may add to one of them is a zone's name and size, nothing else."""
