"""NG105: Upgrade without Connection, or the reverse: no WebSocket comes of it."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.headers import header, knows_headers
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes


def _check(subject: Subject) -> Iterator[Finding]:
    told: set[Node] = set()
    for node, _ in passes(subject.configuration, "proxy_pass"):
        if node.parent is None or not knows_headers(node.parent):
            continue
        upgrade, connection = header(node.parent, "Upgrade"), header(node.parent, "Connection")
        if upgrade is not None and upgrade.args[1] and connection is None and upgrade not in told:
            told.add(upgrade)
            message = "Upgrade is sent to the backend without Connection, so no WebSocket is opened"
            yield Finding(message, upgrade.spot(1), 'add proxy_set_header Connection "upgrade"; beside it')
        is_asked = connection is not None and connection.args[1].lower() == "upgrade"
        if upgrade is None and connection is not None and is_asked and connection not in told:
            told.add(connection)
            message = "Connection: upgrade is sent to the backend without Upgrade, so no WebSocket is opened"
            yield Finding(message, connection.spot(2), "add proxy_set_header Upgrade $http_upgrade; beside it")


RULE = Rule(
    code="NG105",
    name="half-an-upgrade",
    severity=Severity.WARNING,
    title="one of the two headers of a WebSocket",
    why="Both Upgrade and Connection go from one hop to the next only, so nginx passes neither on unless it is told; a"
    " backend that gets one of them answers as if nobody had asked for a WebSocket. (nginx.org: WebSocket proxying.)",
    mend="Set both headers on the level of the proxy_pass, or neither.",
    bad="""\
location /chat/ {
    proxy_pass http://127.0.0.1:8080;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
}
""",
    good="""\
location /chat/ {
    proxy_pass http://127.0.0.1:8080;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection "upgrade";
}
""",
    check=_check,
    directives=frozenset({"proxy_set_header"}),
)
