"""NG121: a backup in a group whose method knows none."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.groups import groups, parameter, servers
from nginxgen.lint.rule import Finding, Rule, Subject

_WITHOUT_BACKUPS = ("hash", "ip_hash", "random")


def _check(subject: Subject) -> Iterator[Finding]:
    for group in groups(subject.configuration):
        method = next((one for name in _WITHOUT_BACKUPS for one in group.all(name)), None)
        for server in servers(group) if method is not None else []:
            at = parameter(server, "backup")
            if at is not None and method is not None:
                message = f"{method.name} knows no backup, so {server.args[0]} cannot be one"
                yield Finding(message, server.spot(at), None, ((method.spot(), "the method of this group"),))


RULE = Rule(
    code="NG121",
    name="backup-without-turns",
    severity=Severity.ERROR,
    title="a backup with hash, ip_hash or random",
    why="These methods know no backups: nginx refuses the parameter behind them, and before them leaves the server out"
    " of the group without a word. (ngx_http_upstream_module; nginx 1.22.1 and 1.31.3.)",
    mend="Take backup out, or choose least_conn or no method at all.",
    bad="""\
upstream shop {
    ip_hash;
    server 127.0.0.1:8080;
    server 127.0.0.1:8081 backup;
}
""",
    good="""\
upstream shop {
    least_conn;
    server 127.0.0.1:8080;
    server 127.0.0.1:8081 backup;
}
""",
    check=_check,
    directives=frozenset(_WITHOUT_BACKUPS),
    is_refused=True,
)
