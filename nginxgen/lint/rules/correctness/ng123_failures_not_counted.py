"""NG123: failures to be counted of a group's only server, where nginx counts none."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.groups import groups, parameter, servers
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import host_of, is_address


def _check(subject: Subject) -> Iterator[Finding]:
    for group in groups(subject.configuration):
        inside = servers(group)
        if len(inside) != 1 or not group.is_whole or not is_address(host_of(inside[0].args[0])):
            continue  # a name may have several addresses
        (server,) = inside
        for name in ("max_fails", "fail_timeout"):
            at = parameter(server, name)
            if at is not None and server.args[at - 1] != "max_fails=0":
                message = f"{server.args[at - 1]} does nothing: it is the only server of {group.args[0]}"
                yield Finding(message, server.spot(at))
                break


RULE = Rule(
    code="NG123",
    name="failures-not-counted",
    severity=Severity.NOTE,
    title="max_fails of an only server",
    why="A group with one server never takes it out: nginx ignores max_fails and fail_timeout there."
    " (ngx_http_upstream_module.)",
    mend="Take the parameters out, or name a second server.",
    bad="""\
upstream shop {
    server 127.0.0.1:8080 max_fails=3 fail_timeout=30s;
}
""",
    good="""\
upstream shop {
    server 127.0.0.1:8080;
}
""",
    check=_check,
    directives=frozenset({"upstream"}),
)
