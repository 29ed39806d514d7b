"""NG312: a location's regular expression that says no more than a prefix."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_PLAIN = re.compile(r"\^(/(?:[A-Za-z0-9_/-]|\\\.)*)(\$?)")


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("location"):
        found = _PLAIN.fullmatch(node.args[1]) if len(node.args) == 2 and node.args[0] == "~" else None
        if found is not None:
            path = found[1].replace("\\", "")
            wanted = f"= {path}" if found[2] else f"^~ {path}"
            message = f"{node.args[1]} says the same as location {wanted}"
            yield Finding(
                message, node.spot(2), f"write location {wanted}, if no other regular expression is to go first"
            )


RULE = Rule(
    code="NG312",
    name="regex-for-a-prefix",
    severity=Severity.NOTE,
    title="a regular expression that is a prefix",
    why="Prefixes are found in a tree; regular expressions are tried one after the other, for every request that comes"
    " as far, and their order decides. (ngx_http_core_module.)",
    mend="Write a prefix with ^~, or = for a single path.",
    bad="""\
server {
    listen 8080;
    location ~ ^/static/ {
        expires 1h;
    }
}
""",
    good="""\
server {
    listen 8080;
    location ^~ /static/ {
        expires 1h;
    }
}
""",
    check=_check,
    directives=frozenset({"location"}),
)
