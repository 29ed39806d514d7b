"""NG106: WebSockets that are asked for in HTTP/1.0, which has none."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.conf.version import Version
from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.headers import header
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes

_OF_ITSELF = Version(1, 29, 7)


def _check(subject: Subject) -> Iterator[Finding]:
    told: set[Node] = set()
    for node, _ in passes(subject.configuration, "proxy_pass"):
        if node.parent is None or (upgrade := header(node.parent, "Upgrade")) is None or upgrade in told:
            continue
        said = node.parent.effective("proxy_http_version")
        if said and said[-1].args == ("1.0",):
            message = "WebSockets need HTTP/1.1 to the backend, and this says 1.0"
            yield Finding(message, said[-1].spot(1), "write proxy_http_version 1.1;")
        elif not said and not subject.target.since(_OF_ITSELF) and node.parent.knows("proxy_http_version"):
            message = "Upgrade is sent in HTTP/1.0, in which there are no WebSockets"
            yield Finding(message, upgrade.spot(1), "add proxy_http_version 1.1; beside the proxy_pass")
        told.add(upgrade)


RULE = Rule(
    code="NG106",
    name="websocket-over-http10",
    severity=Severity.WARNING,
    title="a WebSocket over HTTP/1.0",
    why="Before 1.29.7 nginx speaks HTTP/1.0 to backends unless proxy_http_version says 1.1, and a backend refuses to"
    " open a WebSocket there. (Seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Write proxy_http_version 1.1; beside the proxy_pass.",
    bad="""\
location /chat/ {
    proxy_pass http://127.0.0.1:8080;
    proxy_http_version 1.0;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection "upgrade";
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
