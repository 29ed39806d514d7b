"""Diagnostics as people and programs read them.

Knows layouts and colours; not what a finding means.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from nginxgen.diagnostic import Diagnostic, Severity, Spot, Where, path_text
from nginxgen.loading.sources import Sources

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_WIDEST = 160
_MOST = 100


def in_order(diagnostics: Iterable[Diagnostic], sources: Sources | None) -> list[Diagnostic]:
    """Each finding once, by file and place; those without a place last."""

    def place(one: Diagnostic) -> tuple[int, str, int, str]:
        spot = _spot(one.where, one.key, sources)
        return (0, spot.file.name, spot.span.start, one.code) if spot else (1, "", 0, one.code)

    return sorted(dict.fromkeys(diagnostics), key=place)


def to_text(diagnostics: Iterable[Diagnostic], sources: Sources | None = None, colour: bool = False) -> str:
    """What a person reads: the message, the line it is about, what to do."""
    ordered = in_order(diagnostics, sources)
    shown = "\n".join(_message(one, sources, colour) for one in ordered[:_MOST])
    rest = len(ordered) - _MOST
    return shown + (f"\n{rest} more; mend the first ones and look again\n" if rest > 0 else "")


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """How many errors and warnings there are; empty when there are none."""
    counts = dict.fromkeys(Severity, 0)
    for one in set(diagnostics):
        counts[one.severity] += 1
    parts = [f"{counts[one]} {one}{'' if counts[one] == 1 else 's'}" for one in Severity if counts[one]]
    return ", ".join(parts)


def to_json(diagnostics: Iterable[Diagnostic], sources: Sources | None = None) -> str:
    """What a program reads: a list of objects, one for each finding."""
    rows = [_object(one, sources) for one in in_order(diagnostics, sources)]
    return writable(json.dumps(rows, indent=2, ensure_ascii=False))


def _object(one: Diagnostic, sources: Sources | None) -> dict[str, Any]:
    return {
        "code": one.code,
        "severity": str(one.severity),
        "message": one.message,
        "help": one.help,
        **place_of(one.where, one.key, sources),
        "also": [{"message": text, **place_of(path, True, sources)} for path, text in one.also],
    }


def place_of(where: Where, key: bool, sources: Sources | None) -> dict[str, Any]:
    """A place for a program: the path in the cluster, and file, line and columns, None where they are not known."""
    spot = _spot(where, key, sources)
    path = path_text(where) if where is not None and not isinstance(where, Spot) else None
    if spot is None:
        return {"path": path, "file": None, "line": None, "column": None, "end_column": None}
    line, column = spot.file.position(spot.span.start)
    end = column + spot.span.end - spot.span.start
    return {"path": path, "file": spot.file.name, "line": line, "column": column, "end_column": end}


def _spot(where: Where, key: bool, sources: Sources | None) -> Spot | None:
    if isinstance(where, Spot):
        return where
    return sources.spot(where, key) if sources and where else None


def _message(one: Diagnostic, sources: Sources | None, colour: bool) -> str:
    paint = _painter(_COLOURS[one.severity] if colour else None)
    strong = _painter("1" if colour else None)
    lines = [f"{paint(f'{one.severity}[{one.code}]')}: {strong(harmless(one.message))}"]
    spot = _spot(one.where, one.key, sources)
    places = [("-->", spot, "^", "")] if spot else []
    for path, text in one.also:
        if other := _spot(path, True, sources):
            places.append(("-->" if not places else ":::", other, "-", text))
    width = max((len(str(at.file.position(at.span.start)[0])) for _, at, _, _ in places), default=1)
    for arrow, at, mark, text in places:
        lines += _snippet(arrow, at, mark, text, width, paint)
    if spot is None and one.where and not isinstance(one.where, Spot):
        lines.append(f"  at {harmless(path_text(one.where))}")
    if one.help:
        lines.append(f"{' ' * width} {paint('=')} help: {harmless(one.help)}")
    return "\n".join(lines) + "\n"


def _snippet(arrow: str, spot: Spot, mark: str, text: str, width: int, paint: Any) -> list[str]:
    line, column = spot.file.position(spot.span.start)
    shown = spot.file.line(line) if spot.file.text else ""
    before, marked = shown[: column - 1], shown[column - 1 : column - 1 + spot.span.end - spot.span.start]
    if len(shown) > _WIDEST:
        cut = max(0, column - 1 - _WIDEST // 3)
        before = ("…" if cut else "") + before[cut:]
        marked = marked[: _WIDEST // 2]
        shown = before + shown[column - 1 : column - 1 + _WIDEST // 2] + "…"
    bar, gap = paint("|"), " " * width
    carets = mark * max(_columns(marked), 1) + (f" {harmless(text)}" if text else "")
    return [
        f"{gap}{paint(arrow)} {harmless(spot.file.name)}:{line}:{column}",
        f"{gap} {bar}",
        f"{line:>{width}} {bar} {harmless(shown)}",
        f"{gap} {bar} {' ' * _columns(before)}{paint(carets)}",
    ]


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes once it is harmless."""
    text = harmless(text)
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )


def harmless(text: str) -> str:
    """A text that cannot move the cursor or turn the direction of writing."""
    text = text.replace("\t", "    ")
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", "?", text)


def writable(text: str) -> str:
    """A text without the halves of characters that stand for bytes which are not UTF-8."""
    return text.encode("utf-8", "replace").decode()


def _painter(code: str | None) -> Any:
    return (lambda text: f"\x1b[{code}m{text}\x1b[0m") if code else (lambda text: text)
