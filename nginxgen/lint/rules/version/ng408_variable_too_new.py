"""NG408: a variable that the target does not have yet."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.conf.facts import variable_since
from nginxgen.diagnostic import Severity
from nginxgen.lint.definitions import defined, uses
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    own = defined(subject.configuration)
    is_named = len(subject.target.versions()) == 1
    for node in subject.configuration.walk():
        for at, name in dict.fromkeys(uses(node)):
            since = variable_since(name)
            if since is not None and not subject.target.since(since) and name.lower() not in own:
                help = f"{subject.target.name} refuses it; take it out or take a newer nginx" if is_named else None
                message = f"${name} is in nginx since {since}"
                yield Finding(message, node.spot(at), help, severity=None if is_named else Severity.NOTE)


RULE = Rule(
    code="NG408",
    name="variable-too-new",
    severity=Severity.ERROR,
    title="a variable that is too new for the target",
    why='An older nginx refuses the whole configuration with "unknown variable".',
    mend="Name the target with --target; take out what it lacks, or take a newer nginx.",
    bad="""\
server {
    listen 8080;
    add_header X-Age $request_port;
}
""",
    good="""\
server {
    listen 8080;
    add_header X-Number $connection;
}
""",
    check=_check,
    is_refused=True,
)
