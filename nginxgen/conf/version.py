"""nginx's version numbers."""

from __future__ import annotations

import re
from typing import NamedTuple


class Version(NamedTuple):
    """A release of nginx. Stable branches (even minors) have what their x.y.0 had, so plain order is right."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> Version:
        """``1.22`` or ``1.22.1``.

        Raises:
            ValueError: for anything else.
        """
        if not (found := re.fullmatch(r"([0-9]{1,3})\.([0-9]{1,3})(?:\.([0-9]{1,3}))?", text)):
            raise ValueError(f"{text!r} is not a version of nginx")
        return cls(*(int(part or 0) for part in found.groups()))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


OLDEST = Version(1, 18)
NEWEST = Version(1, 31, 4)
