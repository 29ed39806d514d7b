"""NG101: headers for the backend that a level with headers of its own no longer sends."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.inheritance import lost_findings
from nginxgen.lint.rule import Finding, Rule, Subject

_LISTS = ("proxy_set_header", "grpc_set_header")


def _check(subject: Subject) -> Iterator[Finding]:
    yield from lost_findings(subject.configuration, _LISTS)


RULE = Rule(
    code="NG101",
    name="lost-proxy-headers",
    severity=Severity.WARNING,
    title="headers for the backend that are lost on the way down",
    why="nginx inherits proxy_set_header only where a level has none of its own: one more header for a location takes"
    " Host, X-Forwarded-For and all others away from it. (ngx_http_proxy_module; seen on the wire.)",
    mend="Repeat the whole set on every level that has a proxy_set_header of its own.",
    bad="""\
server {
    proxy_set_header Host $host;
    location / {
        proxy_pass http://127.0.0.1:8080;
        proxy_set_header X-Shop cart;
    }
}
""",
    good="""\
server {
    proxy_set_header Host $host;
    location / {
        proxy_pass http://127.0.0.1:8080;
        proxy_set_header Host $host;
        proxy_set_header X-Shop cart;
    }
}
""",
    check=_check,
    directives=frozenset(_LISTS),
)
