"""Whether a value that was put into a slot of a cluster stays a value: refused with a reason, or read as it stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from nginxgen import ConfigError
from nginxgen.conf.tree import Directive
from nginxgen.diagnostic import Diagnostic, has_errors
from nginxgen.expand import expand
from nginxgen.loading import Loaded
from nginxgen.loading.sources import Sources
from nginxgen.model.cluster import Cluster
from nginxgen.model.kind import Kind
from nginxgen.model.names import Match
from nginxgen.model.record import words_of
from nginxgen.model.schema import validate
from nginxgen.proof import prove
from nginxgen.proven import judge
from nginxgen.rendering.environment import finalize
from support.proofs import NEWEST, own_tree, printed
from support.slots import Slot, slots
from support.texts import samples

Tree = tuple[Directive, ...]


class Outcome(NamedTuple):
    """What became of a value in a slot."""

    is_refused: bool
    """Whether there is no rendering of it."""
    text: str | None
    """What is printed, proven; there may be one even if what the value means is refused."""


def put(slot: Slot, value: Any, quoting: Callable[[Any], str] = finalize) -> Outcome:
    """Show that a value is read exactly as it is, or refused with a reason.

    Raises:
        AssertionError: when it is refused without a reason, or becomes something else than one value.
        NotProven: when the proof finds that.
    """
    try:
        cluster = validate(Cluster, slot.cluster(value))
    except ConfigError as refused:
        check_reasons(refused.diagnostics)
        return Outcome(True, None)
    expanded, found = judge(Loaded(cluster, Sources([])), NEWEST)
    check_reasons(found)
    if has_errors(expanded.diagnostics) or (slot.kind is None and has_errors(found)):
        return Outcome(True, None)  # the escape hatch is read back into fields, where there are some
    text = printed(expanded.cluster, quoting)
    tree = prove(text, expanded.cluster, NEWEST)
    own = own_tree(text)
    assert own == tuple(one.directive() for one in tree)
    if (slot.spot.place.cls.__name__, slot.spot.field.name, value) not in _SAYS_NOTHING:
        check_differs_by(slot, value, _harmless_tree(slot.label), own)
    return Outcome(has_errors(found), text)


def stays_a_value(slot: Slot, value: Any, quoting: Callable[[Any], str] = finalize) -> bool:
    """Whether a value is printed and read exactly as it is; `put` says what is raised when it is not."""
    return put(slot, value, quoting).text is not None


def check_reasons(found: Any) -> None:
    """Show that each finding says what is wrong, and where."""
    for one in found:
        assert isinstance(one, Diagnostic)
        assert len(one.message) > 10, one
        assert isinstance(one.where, tuple), one
        assert one.where, one


_SAYS_NOTHING = {("Zone", "size", "0"), ("Zone", "size", 0), ("Tls", "hsts", "off"), ("Tls", "hsts", False)}
"""Values that mean: print nothing."""


@cache
def _harmless_tree(label: str) -> Tree:
    slot = next(one for one in slots() if one.label == label)
    tree = _tree_of(slot, slot.harmless)
    assert tree is not None
    return tree


def _tree_of(slot: Slot, value: Any) -> Tree | None:
    try:
        cluster = validate(Cluster, slot.cluster(value))
    except ConfigError:
        return None
    return own_tree(printed(expand(cluster, NEWEST).cluster))


@cache
def _is_printed(label: str) -> bool:
    slot = next(one for one in slots() if one.label == label)
    if not isinstance(slot.kind, Kind):
        return True
    others = (value for value in samples(slot.kind) if isinstance(value, str) and value != slot.harmless)
    trees = (_tree_of(slot, value) for value in others)
    return any(tree is not None and tree != _harmless_tree(label) for tree in islice(trees, 3))


def is_printed(slot: Slot) -> bool:
    """Whether the slot's value stands anywhere in the text: whether another one changes it."""
    return _is_printed(slot.label)


def check_differs_by(slot: Slot, value: Any, harmless: Tree, tree: Tree) -> None:
    """Show that two trees are the same but for words in which the one value stands instead of the other."""
    pairs = list(_words(harmless, tree))
    if slot.family == "location_path":
        assert [words for _, words in _locations(tree)] == [tuple(Match(value).words())]
    before, after = _shown(slot.harmless), _shown(value)
    if isinstance(slot.kind, Kind) and slot.kind.flags and after in ("on", "off"):
        return  # switches, for which a value of ours is printed or none
    for was, now in pairs:
        assert was == now or _replaced(was, now, before, after), f"{was!r} became {now!r}, and not by {value!r}"
    differs = before != after and is_printed(slot)
    assert not differs or any(was != now for was, now in pairs), f"{value!r} is not there"


def _words(harmless: Tree, tree: Tree) -> Iterator[tuple[str, str]]:
    """The words of two trees of the same shape, side by side."""
    names = [one.name for one in harmless], [one.name for one in tree]
    assert len(harmless) == len(tree), f"{names[0]} became {names[1]}"
    for was, now in zip(harmless, tree, strict=True):
        assert (was.block is None) == (now.block is None)
        first, second = (was.name, *was.args), (now.name, *now.args)
        if was.name == "location":
            first, second = ("location", " ".join(was.args)), ("location", " ".join(now.args))
        assert len(first) == len(second), f"{was} became {now}"
        yield from zip(first, second, strict=True)
        yield from _words(was.block or (), now.block or ())


def _locations(tree: Tree) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in tree:
        if one.name == "location":
            yield one.name, one.args
        yield from _locations(one.block or ())


def _shown(value: Any) -> str:
    """What stands for a value in nginx.conf."""
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _replaced(was: str, now: str, before: str, after: str) -> bool:
    """Whether a word became another by the one value instead of the other, as it is or inside of a JSON string."""
    forms = (
        (before, after),
        (before, after.removeprefix("=")),
        *((_in_json(before, ascii), _in_json(after, ascii)) for ascii in (False, True)),
    )
    return any(
        was[at:].startswith(old) and was[:at] + new + was[at + len(old) :] == now
        for old, new in forms
        for at in range(len(was) + 1)
    )


def _in_json(text: str, ascii: bool) -> str:
    return json.dumps(text, ensure_ascii=ascii)[1:-1]


def unquoted(value: Any) -> str:
    """A finalize that does not quote: what it prints is printed as it stands, as templates without ours would."""
    if isinstance(value, Directive):
        return " ".join((value.name, *value.args))
    return " ".join(words_of(value))
