"""NG247: OCSP stapling that cannot ask anybody."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("ssl_stapling"):
        level = node.parent
        if level is None or node.args[:1] != ("on",) or level.effective("ssl_stapling_file"):
            continue
        if level.knows("resolver") and not level.effective("resolver"):
            yield Finding("nginx finds no server to ask, since no resolver is named", node.spot())


RULE = Rule(
    code="NG247",
    name="stapling-without-resolver",
    severity=Severity.WARNING,
    title="stapling that cannot ask anybody",
    why="The authority's server is named in the certificate, and has to be looked up: without a resolver nothing is"
    " stapled. (ngx_http_ssl_module: ssl_stapling.)",
    mend="Name a resolver of this machine or network, or leave ssl_stapling out, if the authority gave OCSP up.",
    bad="""\
http {
    server {
        ssl_stapling on;
    }
}
""",
    good="""\
http {
    resolver 127.0.0.53;
    server {
        ssl_stapling on;
    }
}
""",
    check=_check,
    directives=frozenset({"ssl_stapling"}),
)
