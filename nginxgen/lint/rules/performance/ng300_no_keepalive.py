"""NG300: a group of backends to which every request opens a new connection."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.conf.version import Version
from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for group in subject.configuration.named("upstream"):
        if group.context != "http" or group.children is None or not group.is_whole or not group.args:
            continue
        servers = group.all("server")
        # Over a socket file a new connection costs next to nothing.
        is_local = all(one.args and one.args[0].startswith("unix:") for one in servers)
        if servers and not is_local and not group.all("keepalive"):
            yield Finding(f"nginx keeps no connection to {group.args[0]} open", group.spot(1))


RULE = Rule(
    code="NG300",
    name="no-keepalive",
    severity=Severity.NOTE,
    title="a group without kept connections",
    why="Before 1.29.7 nginx closes the connection to the backend after every request: another handshake each time, and"
    " a port of the machine taken for a minute. From then on it keeps 32. (Measured on the wire of 1.22.1 and 1.31.3.)",
    mend='Write "keepalive 32;" last in the group; set proxy_http_version 1.1 and an empty Connection header.',
    bad="""\
upstream cart {
    server 127.0.0.1:8081;
}
""",
    good="""\
upstream cart {
    server 127.0.0.1:8081;
    keepalive 32;
}
""",
    check=_check,
    directives=frozenset({"upstream"}),
    until=Version(1, 29, 7),
)
