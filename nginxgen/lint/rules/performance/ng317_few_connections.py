"""NG317: workers that may have fewer connections than nginx's own default."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_DEFAULT = 512


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("worker_connections"):
        if node.args and node.args[0].isdigit() and int(node.args[0]) < _DEFAULT:
            message = f"a worker has {node.args[0]} connections at most, those to backends and idle ones included"
            yield Finding(message, node.spot(1))


RULE = Rule(
    code="NG317",
    name="few-connections",
    severity=Severity.NOTE,
    title="fewer connections than by default",
    why="Kept connections of clients count, and those to backends: a proxied request takes two. When they are used up,"
    ' nginx closes idle ones and then drops new ones: "worker_connections are not enough". The default is 512.'
    " (ngx_core_module; ngx_get_connection.)",
    mend="Write 1024 or more, and worker_rlimit_nofile twice as much.",
    bad="""\
events {
    worker_connections 64;
}
http {
}
""",
    good="""\
events {
    worker_connections 1024;
}
http {
}
""",
    check=_check,
    directives=frozenset({"worker_connections"}),
)
