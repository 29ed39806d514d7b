"""NG216: any change of protocol that a client asks for is passed on."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.headers import header
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import names_in


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("proxy_set_header"):
        if node.parent is None or len(node.args) < 2 or node.args[0].lower() != "connection":
            continue
        upgrade = header(node.parent, "Upgrade")
        if names_in(node.args[1]) == ["http_connection"] and upgrade and "http_upgrade" in names_in(upgrade.args[1]):
            message = "Connection and Upgrade reach the backend as the client wrote them"
            yield Finding(message, node.spot(2), None, ((upgrade.spot(2), "any protocol, h2c too"),))


RULE = Rule(
    code="NG216",
    name="upgrade-passed",
    severity=Severity.WARNING,
    title="any change of protocol is passed on",
    why="With Upgrade: h2c a backend that speaks HTTP/2 without TLS turns the connection into a tunnel, in which nginx"
    " sees no requests any more: what it denies there is answered. (h2c smuggling; the headers seen on the wire of"
    " both nginx 1.22.1 and 1.31.3.)",
    mend="Pass Upgrade by a map from $http_upgrade that knows websocket only, and Connection by one from that.",
    bad="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $http_connection;
}
""",
    good="""\
http {
    map $http_upgrade $upgrade {
        default "";
        ~*^websocket$ websocket;
    }
    map $upgrade $connection_for_backend {
        default "";
        websocket upgrade;
    }
    server {
        location / {
            proxy_pass http://127.0.0.1:8080;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $upgrade;
            proxy_set_header Connection $connection_for_backend;
        }
    }
}
""",
    check=_check,
    directives=frozenset({"proxy_set_header"}),
)
