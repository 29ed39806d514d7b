"""NG401: a directive where it may not stand."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.faults import faults
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node, fault in faults(subject, "context"):
        yield Finding(fault.message, node.spot(0), fault.help)


RULE = Rule(
    code="NG401",
    name="misplaced-directive",
    severity=Severity.ERROR,
    title="a directive in a block that does not take it",
    why='nginx refuses it with "directive is not allowed here"; looked for only where the blocks around it are known.',
    mend="Move it into a block that takes it.",
    bad="""\
server {
    listen 8080;
    location / {
        server_name shop.example.org;
    }
}
""",
    good="""\
server {
    listen 8080;
    server_name shop.example.org;
}
""",
    check=_check,
    is_refused=True,
)
