"""NG301: a group of backends whose state each worker keeps for itself."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_COUNTED = ("least_conn", "least_time", "random")


def _check(subject: Subject) -> Iterator[Finding]:
    for group in subject.configuration.named("upstream"):
        if group.children is None or not group.is_whole or group.all("zone") or len(group.all("server")) < 2:
            continue
        counted = next((found for name in _COUNTED if (found := group.first(name))), None)
        limited = next((one for one in group.all("server") if any(w.startswith("max_conns=") for w in one.args)), None)
        node = counted or limited
        if node is not None and group.args:
            what = node.name if node is counted else "max_conns"
            message = f"each worker counts the connections for {what} alone, since {group.args[0]} has no zone"
            yield Finding(message, node.spot(0), f'write "zone {group.args[0]} 64k;" into the group')


RULE = Rule(
    code="NG301",
    name="no-zone",
    severity=Severity.NOTE,
    title="a balance that every worker finds for itself",
    why="Without shared memory a worker knows its own connections only: least_conn sends to a server that another"
    " worker has filled, and max_conns allows its number once per worker. (ngx_http_upstream_module.)",
    mend="Give the group a zone.",
    bad="""\
upstream cart {
    least_conn;
    server 127.0.0.1:8081;
    server 127.0.0.1:8082;
}
""",
    good="""\
upstream cart {
    zone cart 64k;
    least_conn;
    server 127.0.0.1:8081;
    server 127.0.0.1:8082;
}
""",
    check=_check,
    directives=frozenset({"upstream"}),
)
