"""NG122: a group in which no server answers."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.groups import groups, parameter, servers
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for group in groups(subject.configuration):
        # Other modules bring servers of their own: nginx Plus from a file, OpenResty from Lua.
        foreign = any(one.name == "state" or "lua" in one.name for one in group.children or ())
        if not group.is_whole or foreign:
            continue
        inside = servers(group)
        if all(parameter(one, "backup") for one in inside):
            what = "only backups" if inside else "no servers"
            yield Finding(f"{group.args[0]} has {what}, and nginx refuses it", group.spot(1))
        elif all(parameter(one, "down") for one in inside if not parameter(one, "backup")) and not any(
            parameter(one, "backup") and not parameter(one, "down") for one in inside
        ):
            what = "connection ends at once" if group.context == "stream" else "request gets a 502"
            yield Finding(f"every server of {group.args[0]} is down, so each {what}", group.spot(1))


RULE = Rule(
    code="NG122",
    name="nobody-answers",
    severity=Severity.ERROR,
    title="a group without a server that answers",
    why="nginx refuses a group without servers and one of backups only; of one whose servers are all down it answers"
    " every request with a 502. (nginx 1.22.1 and 1.31.3.)",
    mend="Name a server that is neither backup nor down.",
    bad="""\
upstream shop {
    server 127.0.0.1:8080 backup;
}
""",
    good="""\
upstream shop {
    server 127.0.0.1:8081;
    server 127.0.0.1:8080 backup;
}
""",
    check=_check,
    directives=frozenset({"upstream"}),
    is_refused=True,
)
