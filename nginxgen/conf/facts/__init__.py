"""What every nginx from 1.18 to 1.31 knows: directives, their contexts and arguments, variables, distributions.

Reads the tables beside it, of which `build.py` says where they come from; has never heard of a cluster.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from nginxgen.conf.version import Version

_ARITY: dict[str, tuple[int, int]] = {
    "NOARGS": (0, 0),
    "FLAG": (1, 1),
    "TAKE1": (1, 1),
    "TAKE2": (2, 2),
    "TAKE3": (3, 3),
    "TAKE12": (1, 2),
    "TAKE23": (2, 3),
    "TAKE123": (1, 3),
    "TAKE1234": (1, 4),
    "1MORE": (1, 2048),
    "2MORE": (2, 2048),
    "ANY": (0, 2048),
}

FREE_FORM = frozenset({"map", "geo", "types", "split_clients", "charset_map"})
"""Blocks whose entries are no directives: their first word is data."""


class Form(NamedTuple):
    """One way in which a directive may stand: a row of a module's command table, while it held."""

    contexts: frozenset[str]
    args: tuple[str, ...]
    block: bool
    module: str
    since: Version | None
    until: Version | None
    syntax: tuple[str, ...]
    default: str | None

    def holds(self, version: Version) -> bool:
        """Whether that nginx has this form."""
        return (self.since is None or self.since <= version) and (self.until is None or version < self.until)

    @property
    def arity(self) -> list[tuple[int, int]]:
        """How many parameters this form takes: at least and at most."""
        return [_ARITY[word] for word in self.args]

    def takes(self, count: int) -> bool:
        """Whether this form takes so many parameters."""
        return any(low <= count <= high for low, high in self.arity)

    @property
    def is_flag(self) -> bool:
        """Whether the one parameter is on or off."""
        return self.args == ("FLAG",) and set("".join(self.syntax).replace(" ", "").split("|")) <= {"on", "off", ""}


@cache
def _table(name: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return table


@cache
def forms(name: str) -> tuple[Form, ...]:
    """Every form a directive has had since nginx 1.18, of every module; empty when nginx never had it."""
    return tuple(form for entry in _table("directives")["directives"].get(name, ()) for form in _entry_forms(entry))


def _entry_forms(entry: dict[str, Any]) -> list[Form]:
    rows = entry["forms"]
    versions = [Version.parse(row["from"]) if "from" in row else None for row in rows]
    return [
        Form(
            contexts=frozenset(row["contexts"]),
            args=tuple(row["args"]),
            block=row.get("block", False),
            module=entry["module"],
            since=since,
            until=until,
            syntax=tuple(entry.get("syntax", ())),
            default=entry.get("default"),
        )
        for row, since, until in zip(rows, versions, [*versions[1:], None], strict=True)
        if not row.get("removed")
    ]


def forms_in(name: str, context: str) -> list[Form]:
    """The forms a directive has had in one context."""
    return [form for form in forms(name) if context in form.contexts or "any" in form.contexts]


def directive_names() -> list[str]:
    """The name of every directive of open-source nginx since 1.18."""
    return list(_table("directives")["directives"])


def is_commercial(name: str) -> bool:
    """Whether nginx.org documents the directive but open-source nginx does not have it."""
    return name in _table("directives")["commercial"]


def variables() -> dict[str, dict[str, str]]:
    """Nginx's own variables, without "$": name to its module and, when it came after 1.18, its release."""
    table: dict[str, dict[str, str]] = _table("variables")["variables"]
    return table


def variable_since(name: str) -> Version | None:
    """Since when nginx has a variable, when that is later than 1.18; variables are the same in upper and lower case."""
    folded = name.lower()
    row = variables().get(folded) or next(
        (row for key, row in variable_prefixes().items() if folded.startswith(key)), {}
    )
    return Version.parse(row["from"]) if "from" in row else None


def variable_prefixes() -> dict[str, dict[str, str]]:
    """The beginnings of variables named after a header, cookie or argument, such as ``http_``; as `variables`."""
    table: dict[str, dict[str, str]] = _table("variables")["prefixes"]
    return table


def distributions() -> dict[str, str]:
    """Releases of distributions, such as ``debian-12``, and the nginx that they ship."""
    table: dict[str, str] = _table("distributions")["distributions"]
    return table
