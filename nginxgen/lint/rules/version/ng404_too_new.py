"""NG404: a directive that the target does not have yet."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.faults import faults
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node, fault in faults(subject, "version"):
        # Where no target is named, that is only worth knowing.
        is_named = len(subject.target.versions()) == 1
        help = f"{subject.target.name} refuses it; take it out or take a newer nginx" if is_named else None
        yield Finding(fault.message, node.spot(0), help, severity=None if is_named else Severity.NOTE)


RULE = Rule(
    code="NG404",
    name="too-new",
    severity=Severity.ERROR,
    title="a directive that is too new for the target",
    why='An older nginx refuses the whole configuration with "unknown directive": http2 on before 1.25.1,'
    " keepalive_min_timeout before 1.27.4. (The facts of every release from 1.18 on.)",
    mend="Name the target with --target; take out what it lacks, or take a newer nginx.",
    bad="""\
server {
    listen 8080;
    add_header_inherit merge;
}
""",
    good="""\
server {
    listen 8080;
}
""",
    check=_check,
    is_refused=True,
)
