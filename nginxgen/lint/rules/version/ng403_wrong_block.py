"""NG403: a block without its braces, or a plain directive with some."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.faults import faults
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node, fault in faults(subject, "block"):
        help = (
            'open its block with "{"' if node.children is None else 'end it with ";", and put a word with { into quotes'
        )
        yield Finding(fault.message, node.spot(0), help)


RULE = Rule(
    code="NG403",
    name="wrong-block",
    severity=Severity.ERROR,
    title="a block without braces, or braces without a block",
    why='nginx refuses it: "directive has no opening brace", or that it is not terminated by a semicolon.',
    mend="Write { } behind a block, and a semicolon behind anything else.",
    bad="""\
server {
    listen 8080;
    location /live;
}
""",
    good="""\
server {
    listen 8080;
    location /live {
    }
}
""",
    check=_check,
    is_refused=True,
)
