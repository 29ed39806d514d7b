"""NG409: a parameter that the target does not have yet."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.parameters import shape
from nginxgen.lint.rule import Finding, Rule, Subject

_DIRECTIVES = ("server", "listen", "keepalive", "resolver")


def _check(subject: Subject) -> Iterator[Finding]:
    is_named = len(subject.target.versions()) == 1
    for node in (one for name in _DIRECTIVES for one in subject.configuration.named(name) if one.children is None):
        known = shape(node.name, node.context)
        for at, word in enumerate(node.args, 1):
            name = word.partition("=")[0]
            since = known.since.get(name) if known is not None and at > 1 else None
            if since is not None and not subject.target.since(since):
                help = f"{subject.target.name} refuses it; take it out or take a newer nginx" if is_named else None
                message = f"{node.name} has {name} since nginx {since}"
                yield Finding(message, node.spot(at), help, severity=None if is_named else Severity.NOTE)


RULE = Rule(
    code="NG409",
    name="parameter-too-new",
    severity=Severity.ERROR,
    title="a parameter that is too new for the target",
    why='An older nginx refuses the whole configuration with "invalid parameter": resolve of a server came to'
    " open-source nginx with 1.27.3, though nginx.org says 1.5.12. (Measured on 1.22.1 and 1.31.3.)",
    mend="Name the target with --target; take out what it lacks, or take a newer nginx.",
    bad="""\
server {
    listen 8080;
    resolver 127.0.0.1 ipv4=off;
}
""",
    good="""\
server {
    listen 8080;
    resolver 127.0.0.1;
}
""",
    check=_check,
    directives=frozenset(_DIRECTIVES),
    is_refused=True,
)
