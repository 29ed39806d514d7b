"""NG305: one worker process, whatever the machine has."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for root in subject.configuration.roots:
        said = root.first("worker_processes")
        if root.inner != "main" or not root.is_whole or root.first("http") is None:
            continue
        if said is None:
            events = root.first("events") or root.first("http")
            assert events is not None
            yield Finding("nginx runs one worker, since worker_processes is not said", events.spot(0))
        elif said.args == ("1",):
            yield Finding("nginx runs one worker, on one core", said.spot(1))


RULE = Rule(
    code="NG305",
    name="one-worker",
    severity=Severity.NOTE,
    title="one worker, on one core",
    why="A worker is one thread: TLS, compression and every blocking read of a file share one core, and each request"
    " waits for all. The default is 1. (ngx_core_module.)",
    mend='Write "worker_processes auto;", or leave it when the machine or container has one core.',
    bad="""\
worker_processes 1;
events {}
http {
    server {
        listen 8080;
    }
}
""",
    good="""\
worker_processes auto;
events {}
http {
    server {
        listen 8080;
    }
}
""",
    check=_check,
)
