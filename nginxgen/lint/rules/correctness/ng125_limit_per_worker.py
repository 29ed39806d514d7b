"""NG125: a limit of connections that every worker process of nginx counts for itself."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.groups import groups, parameter, servers
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for group in groups(subject.configuration):
        if group.all("zone") or not group.is_whole or _has_one_worker(subject):
            continue
        for server in servers(group):
            at = parameter(server, "max_conns")
            if at is not None and server.args[at - 1] != "max_conns=0":
                message = (
                    f"{server.args[at - 1]} holds for each worker process of nginx, since {group.args[0]} has no zone"
                )
                yield Finding(message, server.spot(at), f"write zone {group.args[0]} 64k; in the group")


def _has_one_worker(subject: Subject) -> bool:
    said = subject.configuration.named("worker_processes")
    if said:
        return said[-1].args == ("1",)
    return any(root.inner == "main" and root.is_whole for root in subject.configuration.roots)


RULE = Rule(
    code="NG125",
    name="limit-per-worker",
    severity=Severity.WARNING,
    title="max_conns without a zone",
    why="Without a zone in memory that they share, worker processes count for themselves: with eight of them a backend"
    " gets eight times max_conns. (ngx_http_upstream_module.)",
    mend="Write zone with a name and 64k into the group.",
    bad="""\
upstream shop {
    server 127.0.0.1:8080 max_conns=10;
    server 127.0.0.1:8081 max_conns=10;
}
""",
    good="""\
upstream shop {
    zone shop 64k;
    server 127.0.0.1:8080 max_conns=10;
    server 127.0.0.1:8081 max_conns=10;
}
""",
    check=_check,
    directives=frozenset({"upstream"}),
)
