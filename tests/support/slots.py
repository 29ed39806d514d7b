"""Every place of a cluster where a value can stand: each field of each block, wherever that block may be.

Found by walking through the model's declarations from `Cluster` on, so that a new field or block is a place by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from nginxgen.conf.facts import FREE_FORM
from nginxgen.model.block import Block, Field
from nginxgen.model.cluster import Cluster
from nginxgen.model.kind import Between, Kind
from support.plain import Data, bare, example, free_directives, inside, is_of_nginx, is_recursive, padded, table
from support.texts import sample


class Place(NamedTuple):
    """Where a block of a class stands in a cluster."""

    label: str
    cls: type[Block]
    wrap: Callable[[Data, Data], Data]
    """A cluster with this block in it, around which stands what goes with one like the second."""


class Spot(NamedTuple):
    """A field of a block in its place."""

    place: Place
    field: Field

    @property
    def label(self) -> str:
        """The field's path, as people write it."""
        return f"{self.place.label}.{self.field.key}".lstrip(".")

    def cluster(self, value: Any, like: Any = None) -> Data:
        """A cluster that says the field, and what goes with it; with a value like it, if this one may be wrong."""
        right = table(self.place.cls, self.field.name, value if like is None else like)
        return self.place.wrap({**right, self.field.key: value}, right)


class Slot(NamedTuple):
    """A single text or number in a field."""

    spot: Spot
    part: str
    kind: Kind | Between | None
    """None for the words of the escape hatch."""
    harmless: Any
    fill: Callable[[Any], Any]
    """The field's value, with this text in it."""

    @property
    def label(self) -> str:
        """The slot's path, as people write it."""
        return self.spot.label + self.part

    @property
    def family(self) -> str:
        """Which hostile values are aimed at it."""
        if isinstance(self.kind, Between):
            return "integer"
        return self.kind.family if self.kind else "hatch"

    def cluster(self, value: Any) -> Data:
        """A cluster in which the value stands there."""
        return self.spot.cluster(self.fill(value), self.fill(self.harmless))


@cache
def places() -> tuple[Place, ...]:
    """Every place of every class of blocks."""
    return tuple(_places("", Cluster, _explicit))


def _explicit(data: Data, like: Data) -> Data:
    """A cluster in which only what is said is printed; TLS settings are when a server names them."""
    named = {"server": [{"listen": [443], "tls": name} for name in data["tls"]]} if data.get("tls") else {}
    return {"defaults": "nginx", **named, **data}


def _places(label: str, cls: type[Block], wrap: Callable[[Data, Data], Data]) -> Iterator[Place]:
    yield Place(label, cls, wrap)
    for field in cls.fields.values():
        if not is_recursive(field) and is_of_nginx(field):
            spot = Spot(Place(label, cls, wrap), field)
            for part, inner, fill in _blocks_in(field.annotation):
                yield from _places(spot.label + part, inner, _inside(spot, fill))


def _inside(spot: Spot, fill: Callable[[Data], Any]) -> Callable[[Data, Data], Data]:
    return lambda data, like: spot.cluster(fill(data), fill(like))


def _blocks_in(annotation: Any) -> Iterator[tuple[str, type[Block], Callable[[Data], Any]]]:
    """The classes of blocks that a type holds, and how one of them becomes a value of the type."""
    found = bare(annotation)
    if found.block:
        for tag, variant in found.block.__dict__.get("choices", {"": found.block}).items():
            yield f".{tag}" if tag else "", variant, lambda data: data
    elif found.origin is tuple:
        for part, cls, fill in _blocks_in(found.item):
            yield f"[0]{part}", cls, lambda data, f=fill: [f(data)]  # type: ignore[misc]
    elif found.origin is dict:
        key = example(found.arguments[0])
        for part, cls, fill in _blocks_in(found.item):
            yield f".{key}{part}", cls, lambda data, f=fill: {key: f(data)}  # type: ignore[misc]


@cache
def spots() -> tuple[Spot, ...]:
    """Every field in every place."""
    return tuple(
        Spot(place, field)
        for place in places()
        for field in place.cls.fields.values()
        if not is_recursive(field) and is_of_nginx(field)
    )


@cache
def slots() -> tuple[Slot, ...]:
    """Every text and number in every field of every place."""
    return tuple(
        Slot(spot, part, kind, harmless, lambda value, s=spot, f=fill: padded(s.field, f(value)))  # type: ignore[misc]
        for spot in spots()
        for part, kind, harmless, fill in _slots_in(spot.field.annotation, spot.place.cls)
    )


_Parts = Iterator[tuple[str, Kind | Between | None, Any, Callable[[Any], Any]]]


def _slots_in(annotation: Any, cls: type[Block]) -> _Parts:
    found = bare(annotation)
    if found.is_hatch:
        yield from _hatch_slots(cls)
    elif found.kind:
        yield "", found.kind, sample(found.kind), lambda value: value
    elif found.between:
        yield "", found.between, example(annotation), lambda value: value
    elif found.origin is tuple:
        for part, kind, harmless, fill in _slots_in(found.item, cls):
            yield f"[0]{part}", kind, harmless, lambda value, f=fill: [f(value)]  # type: ignore[misc]
    elif found.origin is dict:
        key, value = found.arguments
        for part, kind, harmless, fill in _slots_in(key, cls):
            yield f"{{key}}{part}", kind, harmless, lambda text, f=fill: {f(text): example(value)}  # type: ignore[misc]
        for part, kind, harmless, fill in _slots_in(value, cls):
            yield f"{{value}}{part}", kind, harmless, lambda text, f=fill: {example(key): f(text)}  # type: ignore[misc]


def _hatch_slots(cls: type[Block]) -> _Parts:
    """Names and words of the escape hatch, outside and inside of blocks."""
    known = free_directives(cls)
    plain = next(one for one in known if one.count and not one.is_flag and not one.is_block)
    yield ".name", None, plain.name, lambda text: [text, *plain.arguments("word")]
    yield ".word", None, "harmless", lambda text: [plain.name, *plain.arguments(text)]
    for block in (one for one in known if one.is_block):
        if block.count:
            yield f".{block.name}.word", None, "harmless", lambda text, b=block: [b.name, *b.arguments(text)]  # type: ignore[misc]
        words = [] if not block.count else block.arguments("word")[0]
        if block.name in FREE_FORM:
            inner = "harmless", ["word"]
        else:
            one = next((one for one in inside(block) if one.count and not one.is_flag and not one.is_block), None)
            inner = (one.name, one.arguments("word")) if one else None  # type: ignore[assignment]
        if inner:
            name, rest = inner
            yield (
                f".{block.name}.inner.name",
                None,
                name,
                lambda text, b=block, w=words, r=rest: [b.name, w, [[text, *r]]],  # type: ignore[misc]
            )
            yield (
                f".{block.name}.inner.word",
                None,
                "word",
                lambda text, b=block, w=words, n=name, r=rest: [b.name, w, [[n, *[text for _ in r[:1]], *r[1:]]]],  # type: ignore[misc]
            )
