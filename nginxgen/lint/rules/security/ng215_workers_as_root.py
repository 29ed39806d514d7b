"""NG215: workers that may do everything on the machine."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("user"):
        if node.args[:1] == ("root",):
            yield Finding("the workers, which read what strangers send, may do everything on the machine", node.spot(1))


RULE = Rule(
    code="NG215",
    name="workers-as-root",
    severity=Severity.WARNING,
    title="workers that are root",
    why="A hole in nginx, or a file path that is wrong, then opens the whole machine. Ports below 1024 and keys are"
    " opened by the master, which is root anyway. (nginx core: user.)",
    mend="Name a user that owns nothing, such as www-data or nginx.",
    bad="""\
user root;
events {
}
""",
    good="""\
user www-data;
events {
}
""",
    check=_check,
    directives=frozenset({"user"}),
)
