"""NG165: a word of a directive that nginx takes for none of what may stand there."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.forms import FORMS, OF_STREAM, faults_in
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.walk():
        if node.parent is None or not node.parent.is_free_form:
            for fault in faults_in(node, subject.target):
                yield Finding(f"{node.name}: {fault.what}", node.spot(fault.at), fault.help)


RULE = Rule(
    code="NG165",
    name="impossible-parameter",
    severity=Severity.ERROR,
    title="a word that nginx does not read there",
    why="Levels, modes, addresses, names with a size: where nginx knows all that may stand, it refuses the whole"
    ' configuration for anything else, with "invalid parameter", "invalid value" or "invalid host".',
    mend="Write one of the words that nginx takes there.",
    bad="""\
http {
    error_log /var/log/nginx/error.log wran;
}
""",
    good="""\
http {
    error_log /var/log/nginx/error.log warn;
}
""",
    check=_check,
    directives=frozenset(FORMS) | frozenset(OF_STREAM),
    is_refused=True,
)
