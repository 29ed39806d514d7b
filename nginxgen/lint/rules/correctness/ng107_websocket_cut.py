"""NG107: WebSockets that nginx closes when nothing is said on them for a minute."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.headers import header
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes


def _check(subject: Subject) -> Iterator[Finding]:
    told: set[Node] = set()
    for node, _ in passes(subject.configuration, "proxy_pass"):
        level = node.parent
        if level is None or (upgrade := header(level, "Upgrade")) is None or upgrade in told or not upgrade.args[1]:
            continue
        if not level.effective("proxy_read_timeout") and level.knows("proxy_read_timeout"):
            told.add(upgrade)
            yield Finding("a WebSocket is closed here when its backend says nothing for 60 s", upgrade.spot(1))


RULE = Rule(
    code="NG107",
    name="websocket-cut",
    severity=Severity.NOTE,
    title="a WebSocket under the timeout of ordinary answers",
    why="proxy_read_timeout, 60 s unless it is said, also runs on connections that became WebSockets: one on which the"
    " backend is silent that long is closed. (nginx.org: WebSocket proxying.)",
    mend="Write a longer proxy_read_timeout such as 1h, or let the backend send pings more often than once a minute.",
    bad="""\
events {
}
http {
    server {
        location /chat/ {
            proxy_pass http://127.0.0.1:8080;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
        }
    }
}
""",
    good="""\
events {
}
http {
    server {
        location /chat/ {
            proxy_pass http://127.0.0.1:8080;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
            proxy_read_timeout 1h;
        }
    }
}
""",
    check=_check,
    directives=frozenset({"proxy_set_header"}),
)
