"""NG103: requests that close their connection to a group that is to keep connections."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.conf.version import Version
from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.groups import connections_kept, http_groups
from nginxgen.lint.headers import header, knows_headers
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes

_OF_ITSELF = Version(1, 29, 7)
"""The first nginx that speaks HTTP/1.1 to backends, and leaves Connection out, when nobody says otherwise."""


def _check(subject: Subject) -> Iterator[Finding]:
    is_old = not subject.target.since(_OF_ITSELF)
    groups = http_groups(subject.configuration)
    told: set[tuple[Node, Node]] = set()
    for node, to in passes(subject.configuration, "proxy_pass"):
        group = groups.get(to.authority)
        kept = connections_kept(group) if group is not None else None
        if kept is None or node.parent is None:
            continue
        connection = header(node.parent, "Connection")
        if connection is not None and _closes(connection) and node.parent.value("proxy_http_version") != "2":
            if (connection, kept) not in told:
                told.add((connection, kept))
                message = f"this closes each connection to {to.authority}, of which {kept} is to keep some"
                yield Finding(message, connection.spot(2), 'write "" instead', ((kept.spot(), "kept here"),))
        elif lacks := list(_lacking(node.parent, is_old)):
            message = f"each request closes its connection to {to.authority}, of which {kept} is to keep some"
            yield Finding(message, node.spot(1), f"write {' and '.join(lacks)} here", ((kept.spot(), "kept here"),))


def _lacking(level: Node, is_old: bool) -> Iterator[str]:
    version = level.value("proxy_http_version")
    if version == "2":
        return  # which has no Connection
    if version == "1.0" or (version is None and is_old and level.knows("proxy_http_version")):
        yield "proxy_http_version 1.1;"
    if header(level, "Connection") is None and is_old and knows_headers(level) and not _is_lost(level):
        yield 'proxy_set_header Connection "";'


def _closes(connection: Node) -> bool:
    return connection.args[1].lower() == "close"


def _is_lost(level: Node) -> bool:
    """Whether a list on the way down took the header away, which is NG101's."""
    own = next((one for one in level.levels() if one.all("proxy_set_header")), None)
    return own is not None and own.parent is not None and header(own.parent, "Connection") is not None


RULE = Rule(
    code="NG103",
    name="keepalive-closed",
    severity=Severity.WARNING,
    title="keepalive of a group that the requests to it prevent",
    why="Before 1.29.7 nginx speaks HTTP/1.0 to backends and sends Connection: close, unless told otherwise: every"
    " request opens a connection of its own, whatever keepalive says. (Seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend='Write proxy_http_version 1.1; and proxy_set_header Connection ""; beside the proxy_pass.',
    bad="""\
events {
}
http {
    upstream shop {
        server 127.0.0.1:8080;
        keepalive 16;
    }
    server {
        location / {
            proxy_pass http://shop;
        }
    }
}
""",
    good="""\
events {
}
http {
    upstream shop {
        server 127.0.0.1:8080;
        keepalive 16;
    }
    server {
        location / {
            proxy_pass http://shop;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
}
""",
    check=_check,
    directives=frozenset({"keepalive"}),
)
