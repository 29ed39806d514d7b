"""NG164: connections to backends that nginx keeps for longer than backends usually do."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.durations import in_milliseconds
from nginxgen.lint.rule import Finding, Rule, Subject

_DEFAULT = 60_000


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("keepalive_timeout"):
        kept = in_milliseconds(node.args[0]) if node.args and node.context == "upstream" else None
        if kept is not None and kept > _DEFAULT:
            message = f"idle connections are kept for {node.args[0]}, which backends close sooner unless told otherwise"
            yield Finding(message, node.spot(1), "let the backend's own idle time be the longer one")


RULE = Rule(
    code="NG164",
    name="outlives-the-backend",
    severity=Severity.NOTE,
    title="connections that backends close first",
    why="nginx should be the one that closes an idle connection first: a request that it sends while the backend closes"
    " is lost, and a POST is not sent again: 502. Unless told otherwise Node and uvicorn close after 5 s, gunicorn"
    " after 2 s. nginx's default is 60s. (ngx_http_upstream_module.)",
    mend="Give the backend a longer idle time than nginx: uvicorn --timeout-keep-alive 75, keepAliveTimeout in Node.",
    bad="""\
upstream cart {
    server 127.0.0.1:8081;
    keepalive 32;
    keepalive_timeout 10m;
}
""",
    good="""\
upstream cart {
    server 127.0.0.1:8081;
    keepalive 32;
    keepalive_timeout 30s;
}
""",
    check=_check,
    directives=frozenset({"keepalive_timeout"}),
)
