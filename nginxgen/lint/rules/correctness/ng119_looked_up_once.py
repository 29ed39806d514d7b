"""NG119: names of backends that nginx looks up when it starts, and never again."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.conf.target import Target
from nginxgen.conf.version import Version
from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.groups import groups, http_groups, parameter, servers
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import host_of, is_name, passes

_RESOLVES = Version(1, 27, 3)
_OF_THIS_MACHINE = frozenset({"localhost", "localhost.localdomain"})


def _check(subject: Subject) -> Iterator[Finding]:
    for group in groups(subject.configuration):
        for server in servers(group):
            if _is_looked_up(host_of(server.args[0])) and parameter(server, "resolve") is None:
                yield _finding(server, server.args[0], _help_for_group(subject.target))
    known = http_groups(subject.configuration)
    for node, to in passes(subject.configuration):
        # A name without dots may be a group of another file.
        if _is_looked_up(to.host) and to.authority not in known and (node.root.inner == "main" or "." in to.host):
            yield _finding(node, to.host, "write the name into a variable by set, and a resolver")


def _is_looked_up(host: str) -> bool:
    return is_name(host) and host.lower() not in _OF_THIS_MACHINE


def _finding(node: Node, name: str, help: str) -> Finding:
    return Finding(f"{name} is looked up when nginx starts, and not again", node.spot(1), help)


def _help_for_group(target: Target) -> str:
    if target.since(_RESOLVES):
        return "add resolve to it, with a zone in the group and a resolver"
    return "take an address, or reload nginx when it changes; from nginx 1.27.3 on a server may say resolve"


RULE = Rule(
    code="NG119",
    name="looked-up-once",
    severity=Severity.NOTE,
    title="names that are looked up when nginx starts",
    why="nginx asks the system for such a name once, while it reads the file: it does not start without an answer, and"
    " goes on to send requests to the old address when the name has moved. (ngx_http_proxy_module, nginx 1.22.1 and"
    " 1.31.3.)",
    mend="From nginx 1.27.3 on, write resolve behind the group's server; otherwise a variable and a resolver.",
    bad="""\
upstream shop {
    server shop.internal.example:8080;
}
""",
    good="""\
upstream shop {
    server 192.0.2.10:8080;
}
""",
    check=_check,
    directives=frozenset({"upstream", "proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass"}),
)
