"""NG405: a directive that the target no longer has."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Edit, Severity
from nginxgen.lint.edits import without
from nginxgen.lint.faults import faults
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node, fault in faults(subject, "removed"):
        help = "take it out"
        fix: tuple[Edit, ...] = ()
        if node.name == "ssl":
            help = "write ssl on the listen lines of the servers that have TLS: listen 443 ssl"
            if node.args == ("off",) and len(subject.configuration.named("ssl")) == 1 and node.root.inner == "main":
                fix = (without(node),)
        is_named = len(subject.target.versions()) == 1
        yield Finding(fault.message, node.spot(0), help, fix=fix, severity=None if is_named else Severity.WARNING)


RULE = Rule(
    code="NG405",
    name="removed-directive",
    severity=Severity.ERROR,
    title="a directive that newer nginx has no more",
    why='From the release on that removed it, nginx refuses the whole configuration with "unknown directive": ssl on'
    " since 1.25.1, so that an upgrade stops the server. (nginx's CHANGES; measured on 1.22.1 and 1.31.3.)",
    mend="Write what takes its place.",
    bad="""\
server {
    listen 8443;
    ssl on;
    ssl_certificate shop.pem;
    ssl_certificate_key shop.key;
}
""",
    good="""\
server {
    listen 8443 ssl;
    ssl_certificate shop.pem;
    ssl_certificate_key shop.key;
}
""",
    check=_check,
    is_refused=True,
)
