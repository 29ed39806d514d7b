"""NG136: texts to be replaced in answers that the backend may compress."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.headers import header, knows_headers
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes


def _check(subject: Subject) -> Iterator[Finding]:
    told: set[Node] = set()
    for node, to in passes(subject.configuration, "proxy_pass"):
        level = node.parent
        replaced = level.effective("sub_filter") if level is not None else []
        if level is None or not replaced or replaced[0] in told or not knows_headers(level):
            continue
        if header(level, "Accept-Encoding") is None:
            told.add(replaced[0])
            message = f"nothing is replaced in answers that {to.authority} compresses"
            help = 'add proxy_set_header Accept-Encoding ""; beside the proxy_pass'
            yield Finding(message, replaced[0].spot(), help, ((node.spot(), "may answer with gzip"),))


RULE = Rule(
    code="NG136",
    name="sub-filter-on-compressed",
    severity=Severity.WARNING,
    title="sub_filter on answers that may be compressed",
    why="nginx passes the client's Accept-Encoding on, and replaces texts in an answer as it comes: one that the"
    " backend has compressed goes through unchanged. (ngx_http_sub_module; seen on the wire, nginx 1.22.1.)",
    mend='Ask the backend for plain answers: proxy_set_header Accept-Encoding "";.',
    bad="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_set_header Host $host;
    sub_filter old.example new.example;
}
""",
    good="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_set_header Host $host;
    proxy_set_header Accept-Encoding "";
    sub_filter old.example new.example;
}
""",
    check=_check,
    directives=frozenset({"sub_filter"}),
)
