"""From one configuration to another: each difference once, where it is, and none where they mean the same.

Compared is what holds in each part. What a part inherits is told where it is said, and in the parts that lose it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

from nginxgen.change.families import At, Item, is_inherited, is_ordered
from nginxgen.change.parts import ORDERED_ENTRIES, Part, lines_of, parts_of
from nginxgen.conf.target import Target
from nginxgen.conf.tree import Tree


class Action(StrEnum):
    """What happens to a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Change(NamedTuple):
    """One difference: ``before`` is None for what is added, ``after`` for what is removed."""

    action: Action
    kind: str
    """``upstream``, ``server``, ``location``, ``header``, ``setting``, ``order``, ``wire``, or what else is a block."""
    place: tuple[str, ...]
    """The parts in which it is, from the outermost on."""
    name: str
    before: str | None
    after: str | None
    was_at: At | None = None
    """Where it is said before and after, when that is known."""
    now_at: At | None = None


class Side(NamedTuple):
    """A configuration's parts, and the nginx that it is for."""

    whole: Part
    target: Target


def side_of(tree: Tree, target: Target, file: str) -> Side:
    """A whole configuration that was read from a file, or is as if it had been."""
    return Side(parts_of([("main", lines_of(tree, file))]), target)


Pair = tuple[Part, Part]
_Step = tuple[str, tuple[Item, ...], tuple[Item, ...]]
"""What tells things apart, and those that were and are of it."""


def find_changes(before: Side, after: Side) -> list[Change]:
    """Every difference of meaning between two configurations."""
    return list(_Comparison(before.target, after.target).within(before.whole, after.whole))


class _Comparison:
    """Two configurations, each read for its own nginx."""

    def __init__(self, was: Target, now: Target) -> None:
        self.was = was
        self.now = now

    def within(self, old: Part, new: Part) -> Iterator[Change]:
        """What differs in a part and the parts inside it."""
        pairs = list(pair_up(old.children, new.children))
        both = [(was, now) for was, now in pairs if was is not None and now is not None]
        for family in {**old.said, **new.said}:
            if not _is_told_by_listeners(family, old, new):
                yield from self._family(family, (old, new), both)
        for was, now in sorted(pairs, key=lambda pair: _is_on_top(pair[1] or pair[0])):
            if was is None and now is not None:
                yield Change(Action.ADDED, now.kind, _around(now), now.label, None, now.summary, None, now.at)
            elif now is None and was is not None:
                place = new.place if _around(was) else ()
                yield Change(Action.REMOVED, was.kind, place, was.label, was.summary, None, was.at, None)
            elif was is not None and now is not None:
                yield from self.within(was, now)
        yield from _orders(old, new, both)

    def _family(self, family: str, pair: Pair, inside: list[Pair]) -> Iterator[Change]:
        steps = self._steps(family, pair)
        around = [part.inherits_from(family) for part in pair]
        if around[0] is not None and around[1] is not None:
            known = {_meaning(step) for step in self._steps(family, (around[0], around[1]))}
            steps = [step for step in steps if _meaning(step) not in known]
        for step in steps:
            # What nginx does by itself without regard to the rest of a family changes between versions only.
            if family == "proxy_set_header" and all(one.is_default for items in step[1:] for one in items):
                continue
            if self._reaches(family, step, pair, inside):
                yield from _told(step, pair)
        if is_ordered(family) or family == ORDERED_ENTRIES or (family == "server" and _goes_by_place(pair[1])):
            yield from _order(family, pair)

    def _steps(self, family: str, pair: Pair) -> list[_Step]:
        old, new = pair
        return differing(old.effective(family, self.was), new.effective(family, self.now))

    def _reaches(self, family: str, step: _Step, pair: Pair, inside: list[Pair]) -> bool:
        """Whether a difference on the level of http or stream is more than that its servers say now what it said."""
        inner = [one for one in inside if one[1].kind == "server" and is_inherited(family, one[1].context)]
        is_moved = any((family in was.said) != (family in now.said) for was, now in inner)
        if pair[1].kind not in ("http", "stream") or not is_moved:
            return True
        return any(_meaning(step) in map(_meaning, self._steps(family, one)) for one in inner)


def _is_told_by_listeners(family: str, old: Part, new: Part) -> bool:
    """Whether listeners say it: that a server speaks HTTP/2, and http for its servers."""
    return family == "http2" and any(
        one.kind == "server" or (one.kind == "http" and any(child.kind == "server" for child in one.children))
        for one in (old, new)
    )


def differing(old: Iterable[Item], new: Iterable[Item]) -> list[_Step]:
    """The things that are not the same in both, by what tells them apart."""
    was, now = _by_key(old), _by_key(new)
    steps = [(key, tuple(was.get(key, ())), tuple(now.get(key, ()))) for key in {**was, **now}]
    return [step for step in steps if [one.value for one in step[1]] != [one.value for one in step[2]]]


def _by_key(items: Iterable[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for one in items:
        found.setdefault(one.key, []).append(one)
    return found


def _meaning(step: _Step) -> Hashable:
    key, old, new = step
    return key, repr([one.value for one in old]), repr([one.value for one in new])


def _told(step: _Step, pair: Pair) -> Iterator[Change]:
    """The changes that a step is: one where one thing became another, else those that are gone and those that came."""
    _, old, new = step
    if old and new:
        old, new = (tuple(one for one in items if not one.is_default) for items in (old, new))
    place = pair[1].place
    matcher = SequenceMatcher(None, [repr(one.value) for one in old], [repr(one.value) for one in new], autojunk=False)
    for what, first, end, start, stop in matcher.get_opcodes():
        if what == "equal":
            continue
        gone, come = old[first:end], new[start:stop]
        if len(gone) == len(come):
            for was, now in zip(gone, come, strict=True):
                yield Change(Action.CHANGED, _kind(now), place, now.name, was.text, now.text, was.at, now.at)
            continue
        for was in gone:
            yield Change(Action.REMOVED, _kind(was), place, was.name, was.text, None, was.at, None)
        for now in come:
            yield Change(Action.ADDED, _kind(now), place, now.name, None, now.text, None, now.at)


def _kind(item: Item) -> str:
    return "header" if "header" in item.name.split(" ")[0] else "setting"


def _is_on_top(part: Part | None) -> bool:
    """Whether a part is told by itself, not below what is around it."""
    return part is not None and part.kind in ("server", "upstream")


def _around(part: Part) -> tuple[str, ...]:
    return part.place[:-1]


def _goes_by_place(group: Part) -> bool:
    """Whether a group chooses servers by their places in it."""
    hashes = group.said.get("hash", ())
    return "ip_hash" in group.said or any("consistent" not in one.text.split(" ") for one in hashes)


def _order(family: str, pair: Pair) -> Iterator[Change]:
    """That things which are in both stand in another order."""
    old, new = (_numbered(one.said.get(family, ())) for one in pair)
    before, after = [key for key in old if key in new], [key for key in new if key in old]
    if before != after:
        first, then = ([items[key] for key in keys] for items, keys in ((old, before), (new, after)))
        names = [[one.name.removeprefix(f"{family} ") for one in items] for items in (first, then)]
        yield _reordered(_called(family), pair[1], *names)._replace(was_at=first[0].at, now_at=then[0].at)


def _reordered(what: str, part: Part, before: list[str], after: list[str]) -> Change:
    return Change(Action.CHANGED, "order", part.place, f"order of {what}", ", ".join(before), ", ".join(after))


def _called(family: str) -> str:
    return {"server": "servers", ORDERED_ENTRIES: "entries"}.get(family, family)


def _numbered(items: Iterable[Item]) -> dict[tuple[str, int], Item]:
    found: dict[tuple[str, int], Item] = {}
    for one in items:
        number = 0
        while (one.key, number) in found:
            number += 1
        found[one.key, number] = one
    return found


def _orders(old: Part, new: Part, both: list[Pair]) -> Iterator[Change]:
    """Parts of which nginx takes the first: regular expressions of locations and names, a socket's server."""
    regexes = [pair for pair in both if pair[1].kind == "location" and pair[1].label.startswith("location ~")]
    before = sorted(regexes, key=lambda pair: old.children.index(pair[0]))
    if before != regexes:
        first, then = [was for was, _ in before], [now for _, now in regexes]
        labels = [[one.label.removeprefix("location ") for one in parts] for parts in (first, then)]
        yield _reordered("location", new, *labels)._replace(was_at=first[0].at, now_at=then[0].at)
    yield from _default_servers(old, new, both)
    patterns = [_patterns(one, two) for one, two in ((old, new), (new, old))]
    if patterns[0] != patterns[1]:
        yield _reordered("server_name", new, *patterns)


def _patterns(part: Part, other: Part) -> list[str]:
    known = {name for one in other.children for name in one.names}
    return [name for one in part.children for name in one.names if name.startswith("~") and name in known]


def _default_servers(old: Part, new: Part, both: list[Pair]) -> Iterator[Change]:
    """Which server answers for names that no server has: one that says so, else the first on a socket."""
    became = {id(was): now for was, now in both}
    before, after = _first_servers(old), _first_servers(new)
    for socket in after:
        was, now = before.get(socket), after[socket]
        if was is not None and became.get(id(was)) is not now:
            name = f"the server for unknown names on {socket.removeprefix('listen ')}"
            yield Change(Action.CHANGED, "order", new.place, name, was.label, now.label, was.at, now.at)


def _first_servers(part: Part) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for one in part.children:
        for socket in one.sockets:
            if socket in one.defaults or socket not in found:
                found[socket] = one
    return found


def pair_up(old: list[Part], new: list[Part]) -> Iterator[tuple[Part | None, Part | None]]:
    """What was and what is now, by likeness; new ones in their order, then those that are gone."""
    rest = list(old)
    found: dict[int, Part] = {}
    for likeness in _LIKENESSES:
        waiting: dict[Hashable, list[Part]] = {}
        for was in rest:
            for one in likeness(was):
                waiting.setdefault(one, []).append(was)
        taken: set[int] = set()
        for now in new:
            if id(now) in found:
                continue
            alike = (was for one in likeness(now) for was in waiting.get(one, ()) if id(was) not in taken)
            if (match := next(alike, None)) is not None:
                found[id(now)] = match
                taken.add(id(match))
        rest = [one for one in rest if id(one) not in taken]
    yield from ((found.get(id(now)), now) for now in new)
    yield from ((was, None) for was in rest)


def _alike(part: Part) -> list[Hashable]:
    return [(part.kind, part.names, part.sockets) if part.kind == "server" else (part.kind, part.label)]


def _share(part: Part) -> list[Hashable]:
    return [(name, socket) for name in part.names for socket in part.sockets]


def _same_names(part: Part) -> list[Hashable]:
    return [part.names] if part.kind == "server" else []


def _same_sockets(part: Part) -> list[Hashable]:
    return [part.sockets] if part.kind == "server" else []


_LIKENESSES: tuple[Callable[[Part], list[Hashable]], ...] = (_alike, _share, _same_names, _same_sockets)
