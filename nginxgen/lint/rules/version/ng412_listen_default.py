"""NG412: the old word for the default server."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.edits import instead_of_word
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("listen"):
        if "default" in node.args[1:]:
            at = node.args.index("default", 1) + 1
            message = "default is the old word for default_server"
            yield Finding(
                message, node.spot(at), "write default_server", fix=(instead_of_word(node, at, "default_server"),)
            )


RULE = Rule(
    code="NG412",
    name="listen-default",
    severity=Severity.NOTE,
    title="the old word for the default server",
    why="nginx has called it default_server since 0.8.21 and no longer documents default, which it reads to this day."
    " (Measured on 1.22.1 and 1.31.3.)",
    mend="Write default_server.",
    bad="""\
server {
    listen 8080 default;
}
""",
    good="""\
server {
    listen 8080 default_server;
}
""",
    check=_check,
    directives=frozenset({"listen"}),
)
