"""Changes as people and programs read them: lines for a terminal, Markdown for a pull request, JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from nginxgen.change.differences import Action, Change
from nginxgen.report import harmless

_WIDEST = 200
_MARKS = {Action.ADDED: "+", Action.REMOVED: "-", Action.CHANGED: "~"}
_COLOURS = {Action.ADDED: "32", Action.REMOVED: "31", Action.CHANGED: "33"}


def to_text(changes: Iterable[Change], colour: bool = False, places: bool = False) -> str:
    """What people read: each change on a line, under the parts in which it is; ``places`` adds files and lines."""
    lines: list[str] = []
    shown: tuple[str, ...] = ()
    for change in changes:
        if change.place != shown:
            lines += [f"{'  ' * at}  {part}" for at, part in _not_shown(change.place, shown)]
            shown = change.place
        at = _where(change) if places else ""
        where = f"  ({at})" if at else ""
        line = "  " * (len(change.place) + 1) + _cut(f"{_MARKS[change.action]} {_said(change)}") + where
        lines.append(f"\x1b[{_COLOURS[change.action]}m{harmless(line)}\x1b[0m" if colour else harmless(line))
    return "".join(f"{line}\n" for line in lines)


def _not_shown(place: tuple[str, ...], shown: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """The parts of a place that no line has named yet."""
    same = next((at for at, pair in enumerate(zip(place, shown, strict=False)) if pair[0] != pair[1]), None)
    first = min(len(place), len(shown)) if same is None else same
    yield from ((at, harmless(part)) for at, part in enumerate(place) if at >= first)


def _said(change: Change) -> str:
    if change.action is Action.CHANGED:
        return f"{change.name}: {change.before or 'nothing'} → {change.after or 'nothing'}"
    more = change.after if change.action is Action.ADDED else change.before
    if change.kind in ("header", "setting"):
        return f"{change.name} {more}".rstrip()
    return f"{change.name} ({more})" if more else change.name


def _where(change: Change) -> str:
    places = [f"{at.file}:{at.line}" for at in (change.was_at, change.now_at) if at is not None]
    return " → ".join(dict.fromkeys(places))


def summary(changes: Iterable[Change]) -> str:
    """How many there are of each action."""
    actions = [one.action for one in changes]
    counts = {action: actions.count(action) for action in Action}
    return ", ".join(f"{count} {action}" for action, count in counts.items() if count)


def to_markdown(changes: Iterable[Change]) -> str:
    """A table for a pull request, in which no value can become Markdown or HTML."""
    rows = ["| | where | what | before | after |", "|---|---|---|---|---|"]
    for one in changes:
        where = " › ".join(map(_code, one.place)) or "&nbsp;"
        at = _where(one)
        cells = [_MARKS[one.action], f"{where}<br>{plain(at)}" if at else where, _code(one.name)]
        rows.append("| " + " | ".join([*cells, _value(one.before), _value(one.after)]) + " |")
    return "\n".join(rows) + "\n"


def _value(text: str | None) -> str:
    return "" if text is None else _code(text)


def _code(text: str) -> str:
    """A text as code, in HTML: a code span of Markdown could hold neither backticks nor the bars of a table."""
    return f"<code>{plain(_cut(text))}</code>" if text else ""


def plain(text: str) -> str:
    """A text of which every character that Markdown or HTML knows is written as an entity."""
    return re.sub(r"[!-/:-@[-`{-~]", _entity, harmless(text))


def _entity(found: re.Match[str]) -> str:
    return found[0] if found[0] in " ,-./;()" else f"&#{ord(found[0])};"


def to_json(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """One object for each change; places are objects of a file and a line, or null."""
    found = []
    for one in changes:
        row = {key: value for key, value in one._asdict().items() if key not in ("was_at", "now_at")}
        for key, at in (("was_at", one.was_at), ("now_at", one.now_at)):
            row[key] = None if at is None else at._asdict()
        found.append(row)
    return found


def _cut(line: str) -> str:
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"
