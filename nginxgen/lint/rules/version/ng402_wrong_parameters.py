"""NG402: a directive with too many or too few parameters, or a switch that is neither on nor off."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.faults import faults
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node, fault in faults(subject, "arguments"):
        yield Finding(fault.message, node.spot(0), fault.help)


RULE = Rule(
    code="NG402",
    name="wrong-parameters",
    severity=Severity.ERROR,
    title="a number of parameters that the directive does not take",
    why='nginx refuses it with "invalid number of arguments", and a switch with "it must be on or off".',
    mend="Write the parameters that the directive takes; a text with blanks is put into quotes.",
    bad="""\
server {
    listen 8080;
    add_header X-Shop;
}
""",
    good="""\
server {
    listen 8080;
    add_header X-Shop cart;
}
""",
    check=_check,
    is_refused=True,
)
