"""Values as words of the files that a deployment has: TOML, YAML, units of systemd.

Knows how each language quotes. A value that a language cannot hold is refused, never changed.
"""

from __future__ import annotations

import json
import re
from typing import Any

from nginxgen.conf.version import Version

_KEY = re.compile(r"[A-Za-z0-9_-]+")


class Bare(str):
    """A text that is written as it is: one that nginxgen made, whose signs are meant."""

    __slots__ = ()


def toml(value: Any) -> str:
    """A value as TOML has it; tables and lists in one line."""
    if isinstance(value, Bare):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        pairs = (f"{key if _KEY.fullmatch(key) else _quoted(key)} = {toml(inner)}" for key, inner in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    raise TypeError(f"{value!r} is nothing that a file of a deployment holds")


def yaml(value: Any) -> str:
    """A value as YAML has it: as JSON, which is a part of it, so that no word is taken for a number or a boolean."""
    if isinstance(value, Bare):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(yaml, value))}]"
    raise TypeError(f"{value!r} is nothing that a file of a deployment holds")


def unit(value: Any) -> str:
    """A word of a unit: systemd splits at blanks, and has %, $, quotes and backslashes for itself."""
    if isinstance(value, Bare):
        return str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return " ".join(map(unit, value))
    if not isinstance(value, str) or not value or re.search(r"[\x00-\x1f\x7f]", value):
        raise TypeError(f"{value!r} is no word of a unit")
    doubled = value.replace("%", "%%").replace("$", "$$")
    if re.fullmatch(r"[A-Za-z0-9_%:=./@+,-]+", doubled):
        return doubled
    escaped = doubled.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def prose(value: Any) -> str:
    """A value in a text for people."""
    if isinstance(value, list | tuple):
        return " ".join(map(prose, value))
    if isinstance(value, str | int | Version):
        return str(value)
    raise TypeError(f"{value!r} is nothing that a text tells")


def _quoted(text: str) -> str:
    """A text in double quotes, which JSON, YAML and TOML read alike; signs outside of ASCII stay as they are."""
    made = json.dumps(text, ensure_ascii=False)
    return re.sub(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda sign: f"\\u{ord(sign[0]):04x}", made)
