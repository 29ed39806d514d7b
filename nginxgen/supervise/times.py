"""Times of a cluster's file, in seconds."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1, "": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2592000, "y": 31536000}


def seconds(text: str | None, default: float) -> float:
    """How long a time such as ``1m 30s`` is; the default when none was said."""
    if text is None:
        return default
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhdwMy]?)", text))
