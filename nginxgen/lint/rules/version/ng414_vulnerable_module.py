"""NG414: a module in use that has a published flaw in an nginx of the target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nginxgen.conf.target import Target
from nginxgen.conf.version import Version
from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject


class _Flaw(NamedTuple):
    """A flaw: what it does, what makes it matter, and where it begins and is mended."""

    name: str
    what: str
    directives: tuple[str, ...]
    since: Version
    fixed_in_stable: Version
    fixed: Version


_FLAWS = (
    _Flaw(
        "CVE-2026-60005",
        "gives away memory of the worker",
        ("slice",),
        Version(1, 15, 8),
        Version(1, 30, 4),
        Version(1, 31, 3),
    ),
    _Flaw(
        "CVE-2026-56434",
        "uses memory after it was freed",
        ("ssi",),
        Version(0, 8, 11),
        Version(1, 30, 4),
        Version(1, 31, 3),
    ),
    _Flaw(
        "CVE-2026-42055",
        "writes beyond a buffer",
        ("grpc_pass",),
        Version(1, 13, 10),
        Version(1, 30, 3),
        Version(1, 31, 2),
    ),
)
"""From nginx.org's security advisories."""


def _check(subject: Subject) -> Iterator[Finding]:
    for flaw in _FLAWS:
        if not any(_is_flawed(flaw, version) for version in subject.target.versions()):
            continue
        node = next((one for name in flaw.directives for one in subject.configuration.named(name) if _is_on(one)), None)
        if node is not None:
            message = f"{node.name} {flaw.what} before nginx {flaw.fixed_in_stable} and {flaw.fixed} ({flaw.name})"
            yield Finding(message, node.spot(0), _help(flaw, subject.target))


def _is_flawed(flaw: _Flaw, version: Version) -> bool:
    is_stable = version.minor == flaw.fixed_in_stable.minor
    return flaw.since <= version < (flaw.fixed_in_stable if is_stable else flaw.fixed)


def _is_on(node: Node) -> bool:
    return node.args[:1] not in (("off",), ("0",))


def _help(flaw: _Flaw, target: Target) -> str:
    return f"take nginx {flaw.fixed_in_stable} or {flaw.fixed}, unless whoever packs {target.name} has mended it there"


RULE = Rule(
    code="NG414",
    name="vulnerable-module",
    severity=Severity.NOTE,
    title="a module in use that has a published flaw",
    why="Whoever sends the right request, or controls a backend, can make the worker read or write memory that is not"
    " its own. Distributions mend such flaws without another version number. (nginx.org's security advisories.)",
    mend="Take a newer nginx.",
    bad="""\
location /video/ {
    slice 1m;
    proxy_pass http://127.0.0.1:8080;
}
""",
    good="""\
location /video/ {
    proxy_pass http://127.0.0.1:8080;
}
""",
    check=_check,
    directives=frozenset(name for flaw in _FLAWS for name in flaw.directives),
    until=Version(1, 31, 3),
)
