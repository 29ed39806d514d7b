"""NG154: a directive without its semicolon, which takes the next line for its parameters."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.semicolons import swallowed


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.walk():
        at = swallowed(node)
        if at is not None:
            last, next_name = node.words[at - 1].value, node.words[at].value
            message = f'the line ends without ";", so {next_name} becomes a parameter of {node.name}'
            yield Finding(
                message, node.spot(at - 1), f'write ";" behind {last}', ((node.spot(at), "taken for a word"),)
            )


RULE = Rule(
    code="NG154",
    name="missing-semicolon",
    severity=Severity.ERROR,
    title="a semicolon that is missing",
    why="A directive goes on until its semicolon, over as many lines as that takes. nginx refuses it with a message"
    " about the wrong line, or reads one directive where two were meant.",
    mend="End the directive with a semicolon.",
    bad="""\
server {
    listen 8080
    server_name shop.example.org;
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
