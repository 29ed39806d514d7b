"""NG149: servers of a group that one failed request takes out for ten seconds."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.groups import groups, parameter, servers
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for group in groups(subject.configuration):
        inside = [one for one in servers(group) if not {"down", "backup"}.intersection(one.args)]
        if len(inside) < 2 or not group.is_whole:
            continue
        if all(parameter(one, name) is None for one in inside for name in ("max_fails", "fail_timeout")):
            message = f"one failed request takes a server of {group.args[0]} out for 10 s, and a restart all of them"
            yield Finding(message, group.spot(1), "say max_fails at each server: 0, or as many as you mean")


RULE = Rule(
    code="NG149",
    name="out-after-one-failure",
    severity=Severity.NOTE,
    title="servers that one failure takes out",
    why="Unless said, max_fails is 1 and fail_timeout 10s: a refused connection while a server restarts, or one slow"
    " answer, leaves it without requests for ten seconds. When the servers are restarted in turns none is left: 502"
    ' with "no live upstreams". (Measured: nine of ten requests in a rolling restart of two.)',
    mend="Write max_fails=0, with which nginx still asks the next server, or the numbers that you mean.",
    bad="""\
upstream cart {
    server 10.0.0.1:8080;
    server 10.0.0.2:8080;
}
""",
    good="""\
upstream cart {
    server 10.0.0.1:8080 max_fails=0;
    server 10.0.0.2:8080 max_fails=0;
}
""",
    check=_check,
    directives=frozenset({"upstream"}),
)
