"""NG314: connections that are closed after a handful of requests."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_FEW = 100


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("keepalive_requests"):
        if node.args and node.args[0].isdigit() and int(node.args[0]) < _FEW:
            yield Finding(f"a connection is closed after {node.args[0]} requests", node.spot(1))


RULE = Rule(
    code="NG314",
    name="few-requests-per-connection",
    severity=Severity.NOTE,
    title="connections that are closed soon",
    why="One page may take a hundred requests; with HTTP/2 all of them share one connection, whose loss costs a new TLS"
    " handshake. The default was 100 and is 1000 since 1.19.10. (nginx's CHANGES.)",
    mend="Write 1000 or more, or leave it out.",
    bad="""\
http {
    keepalive_requests 20;
}
""",
    good="""\
http {
    keepalive_requests 1000;
}
""",
    check=_check,
    directives=frozenset({"keepalive_requests"}),
)
