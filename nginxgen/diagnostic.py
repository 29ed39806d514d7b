"""What can be wrong with a cluster, as values: collected, sorted, shown later.

Knows codes, severities and places; not how they are printed (that is `report`).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from nginxgen.source import Path, SourceFile, Span


class Severity(StrEnum):
    """How bad: an error stops, a warning fails `check`, a note only tells."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Spot(NamedTuple):
    """A stretch of one file."""

    file: SourceFile
    span: Span


Where: TypeAlias = Path | Spot | None
"""A place in the cluster, or already in a file; None when the finding belongs to no place."""


class Edit(NamedTuple):
    """A stretch of a file, and the text that is to stand there instead."""

    spot: Spot
    text: str


Also: TypeAlias = tuple[tuple[Path | Spot, str], ...]


class Diagnostic(NamedTuple):
    """One finding.

    ``key`` points at the key and not at its value. ``also`` shows further places, each with what to say of it. ``fix``
    mends it without changing anything else.
    """

    code: str
    severity: Severity
    message: str
    where: Where = None
    help: str | None = None
    also: Also = ()
    key: bool = False
    fix: tuple[Edit, ...] = ()


def error(
    code: str, message: str, where: Where = None, help: str | None = None, *, also: Also = (), key: bool = False
) -> Diagnostic:
    """A `Diagnostic` that stops the work."""
    return Diagnostic(code, Severity.ERROR, message, where, help, also, key)


def warning(
    code: str, message: str, where: Where = None, help: str | None = None, *, also: Also = (), key: bool = False
) -> Diagnostic:
    """A `Diagnostic` that makes `check` fail."""
    return Diagnostic(code, Severity.WARNING, message, where, help, also, key)


def note(code: str, message: str, where: Where = None, help: str | None = None) -> Diagnostic:
    """A `Diagnostic` that only tells."""
    return Diagnostic(code, Severity.NOTE, message, where, help)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether one of them stops the work."""
    return any(one.severity is Severity.ERROR for one in diagnostics)


def path_text(path: Path) -> str:
    """A path as people write it: ``server[0].location[2].path``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
