"""NG406: a directive that only NGINX Plus has."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.faults import faults
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node, fault in faults(subject, "commercial"):
        yield Finding(fault.message, node.spot(0), fault.help)


RULE = Rule(
    code="NG406",
    name="commercial-directive",
    severity=Severity.WARNING,
    title="a directive of the commercial NGINX Plus",
    why='Open-source nginx refuses it with "unknown directive", though nginx.org documents it.',
    mend="Take it out, unless a module of somebody else has it; many have a counterpart in open-source nginx.",
    bad="""\
upstream cart {
    server 127.0.0.1:8080;
    queue 100;
}
""",
    good="""\
upstream cart {
    server 127.0.0.1:8080 max_conns=100;
}
""",
    check=_check,
    is_refused=True,
)
