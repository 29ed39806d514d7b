"""NG104: the map for WebSockets that closes the connection of every other request."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.conf.version import Version
from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.groups import connections_kept, http_groups
from nginxgen.lint.headers import header
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes

_KEPT_UNASKED = Version(1, 29, 7)


def _check(subject: Subject) -> Iterator[Finding]:
    closing = dict(_closing_maps(subject))
    groups = http_groups(subject.configuration)
    for node, to in passes(subject.configuration, "proxy_pass"):
        group = groups.get(to.authority)
        sent = header(node.parent, "Connection") if node.parent is not None else None
        if group is None or sent is None or not _keeps(group, subject) or not (entry := closing.get(sent.args[1])):
            continue
        del closing[sent.args[1]]  # once for each map
        variable = sent.args[1]
        message = f"{variable} closes the connection to {to.authority} after every request that is no WebSocket"
        also = ((node.spot(1), f"connections to {to.authority} are kept"), (sent.spot(2), "sent here"))
        yield Finding(message, entry.spot(1), "write '' '' instead, so that no Connection is sent", also)


def _closing_maps(subject: Subject) -> Iterator[tuple[str, Node]]:
    for one in subject.configuration.named("map"):
        if len(one.args) == 2 and one.args[0] == "$http_upgrade":
            for entry in one.children or ():
                if entry.name == "" and entry.args == ("close",):
                    yield one.args[1], entry


def _keeps(group: Node, subject: Subject) -> bool:
    unasked = subject.target.since(_KEPT_UNASKED) and group.first("keepalive") is None and group.is_whole
    return unasked or connections_kept(group) is not None


RULE = Rule(
    code="NG104",
    name="upgrade-map-closes",
    severity=Severity.WARNING,
    title="a map for WebSockets that closes all other connections",
    why="Requests without Upgrade take the map's entry for the empty text. With close there, as in the example that is"
    " copied everywhere, every ordinary request ends its connection to the backend, and the group's keepalive does"
    " nothing. (Seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Write '' '' in the map: an empty value leaves the header out.",
    bad="""\
map $http_upgrade $connection_upgrade {
    default upgrade;
    '' close;
}
upstream shop {
    server 127.0.0.1:8080;
    keepalive 16;
}
server {
    location / {
        proxy_pass http://shop;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
    }
}
""",
    good="""\
map $http_upgrade $connection_upgrade {
    default upgrade;
    '' '';
}
upstream shop {
    server 127.0.0.1:8080;
    keepalive 16;
}
server {
    location / {
        proxy_pass http://shop;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
    }
}
""",
    check=_check,
    directives=frozenset({"map"}),
)
