"""NG413: a setting left to nginx, which has another default in one nginx of the target than in another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nginxgen.conf.version import Version
from nginxgen.diagnostic import Severity
from nginxgen.foreign import Configuration, Node
from nginxgen.lint.rule import Finding, Rule, Subject


class _Change(NamedTuple):
    """A default that became another one; ``used_by`` are the directives that make it matter."""

    directive: str
    since: Version
    before: str
    after: str
    used_by: tuple[str, ...]


_CHANGES = (
    _Change("proxy_http_version", Version(1, 29, 7), "1.0", "1.1", ("proxy_pass",)),
    _Change(
        "ssl_protocols", Version(1, 27, 3), "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", "TLSv1.2 TLSv1.3", ("ssl_certificate",)
    ),
    _Change("keepalive", Version(1, 29, 7), "none", "32 local", ("upstream",)),
)
"""From nginx's CHANGES; the first and the last were measured on the wire with 1.22.1 and 1.31.3."""


def _check(subject: Subject) -> Iterator[Finding]:
    target = subject.target
    for change in _CHANGES:
        if target.lowest < change.since <= target.highest:
            node = _first_left_open(subject.configuration, change)
            if node is not None:
                message = (
                    f"{change.directive} is left to nginx: {change.before} before {change.since}, then {change.after}"
                )
                help = f"say {change.directive} to have the same everywhere"
                yield Finding(message, node.spot(0), help)


def _first_left_open(configuration: Configuration, change: _Change) -> Node | None:
    """The first directive for which nobody says it, where everything is known; one place is enough."""
    for name in change.used_by:
        for node in configuration.named(name):
            level = node if node.children is not None else node.parent
            if level is None or node.context.startswith(("stream", "mail")):
                continue
            if not level.effective(change.directive) and level.knows(change.directive):
                return node
    return None


RULE = Rule(
    code="NG413",
    name="changed-default",
    severity=Severity.NOTE,
    title="a default that is not the same in all nginx of the target",
    why="The same text speaks HTTP/1.0 to backends before nginx 1.29.7 and HTTP/1.1 with kept connections from then on,"
    " and takes TLS 1.0 before 1.27.3. (nginx's CHANGES; measured on 1.22.1 and 1.31.3.)",
    mend="Say what is meant, or name one nginx with --target.",
    bad="""\
events {}
http {
    server {
        listen 8080;
        location / {
            proxy_pass http://127.0.0.1:8081;
        }
    }
}
""",
    good="""\
events {}
http {
    server {
        listen 8080;
        location / {
            proxy_pass http://127.0.0.1:8081;
            proxy_http_version 1.1;
        }
    }
}
""",
    check=_check,
    directives=frozenset({"proxy_pass", "ssl_certificate", "upstream"}),
)
