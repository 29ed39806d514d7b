"""NG111: an if beside try_files, which is forgotten wherever the if holds."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.conditions import ends_the_request
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for tried in subject.configuration.named("try_files"):
        if tried.parent is None or tried.parent.name != "location":
            continue
        for one in tried.parent.all("if"):
            if one.is_whole and not ends_the_request(one):
                message = f"where this if holds, {tried} of this location is not done"
                also = ((tried.spot(), "not done there"),)
                yield Finding(message, one.spot(), None, also)


RULE = Rule(
    code="NG111",
    name="if-loses-try-files",
    severity=Severity.WARNING,
    title="an if that switches try_files off",
    why="An if in a location is a location of its own to nginx: a request for which it holds is served there, and"
    " try_files is not inherited into it, even when the block only sets a variable. (Seen on the wire, nginx 1.22.1 and"
    " 1.31.3.)",
    mend="Choose the value by a map instead of the if, or move the if to the server.",
    bad="""\
location / {
    if ($arg_debug) {
        set $log 1;
    }
    try_files $uri /index.html;
}
""",
    good="""\
location / {
    if ($arg_debug) {
        return 403;
    }
    try_files $uri /index.html;
}
""",
    check=_check,
    directives=frozenset({"if"}),
)
