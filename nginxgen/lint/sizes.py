"""Sizes of nginx as numbers."""

from __future__ import annotations

import re

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20}


def in_bytes(text: str) -> int:
    """What ``512``, ``8k`` or ``1m`` amounts to; 0 when that is no size, or holds variables."""
    found = re.fullmatch("([0-9]{1,9})([kKmM]?)", text)
    return int(found[1]) * _UNITS[found[2].lower()] if found else 0
