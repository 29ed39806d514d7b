"""NG124: a server that a group has twice."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.groups import groups, parameter, servers
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for group in groups(subject.configuration):
        known: dict[str, Node] = {}
        for server in servers(group):
            if parameter(server, "down") or parameter(server, "backup"):
                continue
            first = known.setdefault(_address(server.args[0]), server)
            if first is not server:
                message = f"{server.args[0]} is in {group.args[0]} already, so it gets twice its share"
                help = "take it out, or write weight=2 at the first when that is meant"
                yield Finding(message, server.spot(1), help, ((first.spot(1), "the first one"),))


def _address(text: str) -> str:
    return text.lower().removesuffix(":80")


RULE = Rule(
    code="NG124",
    name="server-twice",
    severity=Severity.WARNING,
    title="a server twice in one group",
    why="nginx takes it for two servers: it gets twice the requests, its failures are counted apart, and a request that"
    " failed there is tried there again. (nginx 1.22.1 and 1.31.3 say nothing about it.)",
    mend="Keep one of the two, with a weight if it is to get more.",
    bad="""\
upstream shop {
    server 127.0.0.1:8080;
    server 127.0.0.1:8080;
}
""",
    good="""\
upstream shop {
    server 127.0.0.1:8080;
    server 127.0.0.1:8081;
}
""",
    check=_check,
    directives=frozenset({"upstream"}),
)
