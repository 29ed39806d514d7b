"""NG236: errors that are written to a file called "off"."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("error_log"):
        if node.args[:1] == ("off",):
            yield Finding('errors are written to a file called "off"', node.spot(1))


RULE = Rule(
    code="NG236",
    name="error-log-off",
    severity=Severity.WARNING,
    title="error_log off is a file",
    why="error_log knows no off, unlike access_log: nginx makes a file of that name, where nobody looks for it or"
    " rotates it, and attacks stay unseen. (nginx core: error_log; seen on nginx 1.22.1 and 1.31.3.)",
    mend="Write error_log /dev/null crit if errors shall be lost; better a file and a level.",
    bad="""\
error_log off;
events {
}
""",
    good="""\
error_log /var/log/nginx/error.log warn;
events {
}
""",
    check=_check,
    directives=frozenset({"error_log"}),
)
