"""NG242: requests that somebody else may send again, of which the backend is not told."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import PASSES
from nginxgen.lint.variables import names_in


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("ssl_early_data"):
        level = node.parent
        if level is None or node.args[:1] != ("on",):
            continue
        inside = list(level.walk())
        known = level.is_whole and all(one.is_whole for one in inside)
        if known and any(one.name in PASSES for one in inside) and not any(map(_looks, (*inside, *_around(level)))):
            yield Finding(
                "the backend is not told which requests may be somebody's copy of an earlier one", node.spot()
            )


def _around(level: Node) -> Iterator[Node]:
    return (one for around in level.around() for one in around.children or ())


def _looks(node: Node) -> bool:
    return any("ssl_early_data" in names_in(word) for word in (node.name, *node.args))


RULE = Rule(
    code="NG242",
    name="replayed-requests",
    severity=Severity.WARNING,
    title="requests that may be sent twice",
    why="Early data of TLS 1.3 can be recorded and sent again by others: a payment is made twice. A backend that sees"
    " Early-Data: 1 answers 425. (ngx_http_ssl_module: ssl_early_data; RFC 8470.)",
    mend="Write proxy_set_header Early-Data $ssl_early_data, or leave ssl_early_data off.",
    bad="""\
server {
    ssl_early_data on;
    location / {
        proxy_pass http://127.0.0.1:8080;
    }
}
""",
    good="""\
server {
    ssl_early_data on;
    location / {
        proxy_pass http://127.0.0.1:8080;
        proxy_set_header Early-Data $ssl_early_data;
    }
}
""",
    check=_check,
    directives=frozenset({"ssl_early_data"}),
)
