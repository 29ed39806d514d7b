"""What a new configuration changes, in terms of what it means: from one explicit cluster to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple

from nginxgen.apply.nodes import Node, tree_of
from nginxgen.diagnostic import path_text
from nginxgen.model.cluster import Cluster
from nginxgen.proof.difference import find_difference
from nginxgen.report import harmless

_WIDEST = 200
_MARKS = {"added": "+", "removed": "-", "changed": "~"}


class Action(StrEnum):
    """What happens to a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Change(NamedTuple):
    """One difference: ``before`` is None for what is added, ``after`` for what is removed."""

    action: Action
    kind: str
    """``upstream``, ``server``, ``location``, ``header``, ``setting``, ``order``, or what else is a block."""
    place: tuple[str, ...]
    """The parts in which it is, from the outermost on."""
    name: str
    before: str | None
    after: str | None


def find_changes(installed: Cluster, new: Cluster) -> list[Change]:
    """Every difference between two explicit clusters; none when they are equal, and only then."""
    if installed == new:
        return []
    found = list(_changes(tree_of(installed), tree_of(new), ()))
    if not found:
        path, before, after = find_difference(installed, new)
        found.append(Change(Action.CHANGED, "setting", (), path_text(path), repr(before), repr(after)))
    return found


def _changes(old: Node, new: Node, place: tuple[str, ...]) -> Iterator[Change]:
    yield from _settings(old, new, place)
    pairs = list(_pairs(old.children, new.children))
    for was, now in pairs:
        if was is None and now is not None:
            yield Change(Action.ADDED, now.kind, place, now.label, None, now.summary)
        elif now is None and was is not None:
            yield Change(Action.REMOVED, was.kind, place, was.label, was.summary, None)
        elif was is not None and now is not None:
            yield from _changes(was, now, (*place, now.label))
    both = [(was, now) for was, now in pairs if was is not None and now is not None]
    for kind in dict.fromkeys(now.kind for _, now in both if now.kind in ("server", "location")):
        after = [now for _, now in both if now.kind == kind]
        kept = {id(was): now for was, now in both}
        before = [kept[id(was)] for was in old.children if id(was) in kept and was.kind == kind]
        if [id(one) for one in before] != [id(one) for one in after]:
            yield _order(kind, place, [one.label for one in before], [one.label for one in after])


def _settings(old: Node, new: Node, place: tuple[str, ...]) -> Iterator[Change]:
    for key in {**old.settings, **new.settings}:
        was, now = old.settings.get(key), new.settings.get(key)
        either = now or was
        if either is None or (was is not None and now is not None and was.value == now.value):
            continue
        action = Action.ADDED if was is None else Action.REMOVED if now is None else Action.CHANGED
        kind = "header" if "header" in either.name.split(" ")[0] else "setting"
        yield Change(action, kind, place, either.name, was and was.value, now and now.value)
    for name in dict.fromkeys(one.name.split(" ")[0] for one in new.settings.values() if one.is_ordered):
        before, after = (_ordered(one, other, name) for one, other in ((old, new), (new, old)))
        if before != after:
            yield _order(name, place, before, after)


def _ordered(node: Node, other: Node, name: str) -> list[str]:
    """The settings of a name that both nodes have, in this one's order."""
    both = (one for key, one in node.settings.items() if key in other.settings and one.is_ordered)
    return [one.name for one in both if one.name.split(" ")[0] == name]


def _order(what: str, place: tuple[str, ...], before: list[str], after: list[str]) -> Change:
    shown = [", ".join(one.removeprefix(f"{what} ") for one in names) for names in (before, after)]
    return Change(Action.CHANGED, "order", place, f"order of {what}", *shown)


def _pairs(old: list[Node], new: list[Node]) -> Iterator[tuple[Node | None, Node | None]]:
    """What was and what is now, by likeness; new ones in their order, then those that are gone."""
    rest = list(old)
    found: dict[int, Node] = {}
    for alike in _LIKENESSES:
        for now in new:
            if id(now) not in found and (was := next((one for one in rest if alike(one, now)), None)):
                found[id(now)] = was
                rest = [one for one in rest if one is not was]
    yield from ((found.get(id(now)), now) for now in new)
    yield from ((was, None) for was in rest)


def _alike(was: Node, now: Node) -> bool:
    return was.kind == now.kind and was.label == now.label and was.names == now.names and was.sockets == now.sockets


def _share(was: Node, now: Node) -> bool:
    return was.kind == now.kind == "server" and bool(
        set(was.names) & set(now.names) and set(was.sockets) & set(now.sockets)
    )


def _same_names(was: Node, now: Node) -> bool:
    return was.kind == now.kind == "server" and was.names == now.names


def _same_sockets(was: Node, now: Node) -> bool:
    return was.kind == now.kind == "server" and was.sockets == now.sockets


_LIKENESSES: tuple[Callable[[Node, Node], bool], ...] = (_alike, _share, _same_names, _same_sockets)


def to_text(changes: list[Change]) -> str:
    """What people read: each change on a line, under the parts in which it is."""
    lines: list[str] = []
    shown: tuple[str, ...] = ()
    for change in changes:
        if change.place != shown:
            same = next(
                (at for at, pair in enumerate(zip(change.place, shown, strict=False)) if pair[0] != pair[1]), None
            )
            first = min(len(change.place), len(shown)) if same is None else same
            lines += [f"{'  ' * at}  {part}" for at, part in enumerate(change.place) if at >= first]
            shown = change.place
        lines.append("  " * (len(change.place) + 1) + _line(change))
    return "".join(f"{_cut(harmless(line))}\n" for line in lines)


def _line(change: Change) -> str:
    head = f"{_MARKS[change.action]} {change.name}"
    if change.action is Action.CHANGED:
        return f"{head}: {change.before or 'nothing'} → {change.after or 'nothing'}"
    more = change.after if change.action is Action.ADDED else change.before
    if change.kind in ("header", "setting"):
        return f"{head} {more}".rstrip()
    return f"{head} ({more})" if more else head


def summary(changes: list[Change]) -> str:
    """How many there are of each action."""
    counts = {action: sum(one.action is action for one in changes) for action in Action}
    return ", ".join(f"{count} {action}" for action, count in counts.items() if count)


def _cut(line: str) -> str:
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"
