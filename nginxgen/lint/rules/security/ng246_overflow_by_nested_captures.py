"""NG246: the form of rewrite that CVE-2026-9256 is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.conf.version import Version
from nginxgen.diagnostic import Severity
from nginxgen.lint.captures import groups
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.rules.security.holes import advice, is_open_in

_MENDED = (Version(1, 30, 2), Version(1, 31, 1))
_CAPTURE = re.compile(r"\$([1-9])")


def _check(subject: Subject) -> Iterator[Finding]:
    if not is_open_in(subject.target, *_MENDED):
        return
    for node in subject.configuration.named("rewrite"):
        if len(node.args) < 2:
            continue
        pattern, into, flag = (*node.args, "")[:3]
        escapes = into.startswith(("http://", "https://")) or flag in ("redirect", "permanent") or "?" in into[:-1]
        used = set(_CAPTURE.findall(into))
        if escapes and len(used) > 1 and _are_nested(pattern, used):
            names = " and ".join(f"${one}" for one in sorted(used))
            yield Finding(
                f"{names} hold the same text, for which nginx has room only once", node.spot(2), advice(*_MENDED)
            )


def _are_nested(pattern: str, used: set[str]) -> bool:
    """Whether one of some captures stands inside another."""
    found = groups(pattern)
    first = {number: 0 for number in used if number in found}
    return any(
        outer != inner and f"({found[inner]})" in found[outer] and int(outer) < int(inner)
        for outer in first
        for inner in first
    )


RULE = Rule(
    code="NG246",
    name="overflow-by-nested-captures",
    severity=Severity.NOTE,
    title="captures inside captures in a redirect",
    why="Up to 1.30.1 and 1.31.0, a redirect or arguments with a capture and one inside it write past nginx's memory"
    " when it is asked for the right path. (CVE-2026-9256, nginx.org.)",
    mend="Take nginx 1.30.2 or 1.31.1; until then, use one of both captures.",
    bad="""\
server {
    rewrite ^/((.*))$ http://shop.example/$1$2 redirect;
}
""",
    good="""\
server {
    rewrite ^/(.*)$ http://shop.example/$1 redirect;
}
""",
    check=_check,
    directives=frozenset({"rewrite"}),
)
