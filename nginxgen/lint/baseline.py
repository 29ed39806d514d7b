"""Findings that are known: a file of them, so that an old configuration is held to what is new in it.

A finding is known by its code, its file and the text of its line, which stay the same when lines move.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

from nginxgen.diagnostic import Diagnostic, Spot
from nginxgen.errors import NginxgenError, Unavailable

Known: TypeAlias = Counter[tuple[str, str, str]]


def read_baseline(path: str) -> Known:
    """What a file has.

    Raises:
        Unavailable: when it cannot be read.
        NginxgenError: when it is no such file.
    """
    try:
        rows: list[dict[str, Any]] = json.loads(Path(path).read_text(encoding="utf-8"))["findings"]
        return Counter({(row["code"], row["file"], row["line"]): int(row["count"]) for row in rows})
    except OSError as problem:
        raise Unavailable(f"the baseline {path} cannot be read: {problem.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise NginxgenError(f"{path} is no baseline; --write-baseline with a new name makes one") from None


def is_baseline(path: str) -> bool:
    """Whether a file is one."""
    try:
        read_baseline(path)
    except NginxgenError:
        return False
    return True


def baseline_text(found: Iterable[Diagnostic]) -> str:
    """The file that holds these findings, in a form that shows well in a diff."""
    counts = Counter(map(_key, found))
    rows = [
        {"code": code, "file": file, "line": line, "count": count}
        for (code, file, line), count in sorted(counts.items())
    ]
    return json.dumps({"findings": rows}, indent=1, ensure_ascii=False) + "\n"


def without_known(found: Iterable[Diagnostic], known: Known) -> tuple[list[Diagnostic], int]:
    """The findings that are new, and how many known ones are there no more."""
    left = Counter(known)
    new = []
    for one in found:
        if left[_key(one)] > 0:
            left[_key(one)] -= 1
        else:
            new.append(one)
    return new, left.total()


def _key(one: Diagnostic) -> tuple[str, str, str]:
    if not isinstance(one.where, Spot):
        return one.code, "", one.message
    file = one.where.file
    line, _ = file.position(one.where.span.start)
    return one.code, Path(file.name).as_posix(), " ".join(file.line(line).split())
