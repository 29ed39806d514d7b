"""Times of nginx as numbers."""

from __future__ import annotations

import re

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


def in_milliseconds(text: str) -> int | None:
    """What ``300ms``, ``60``, ``60s`` or ``1h30m`` amounts to; None when that is no time, or holds variables."""
    if text.isascii() and text.isdigit():
        return int(text) * 1000
    if not re.fullmatch(r"(?:[0-9]+(?:ms|[smhdw]) ?)+(?:[0-9]+)?", text):
        return None
    return sum(int(count) * _UNITS[unit or "s"] for count, unit in re.findall(r"([0-9]+)(ms|[smhdw])?", text))
