"""NG306: more connections than a worker may have files open."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for root in subject.configuration.roots:
        limit, events = root.first("worker_rlimit_nofile"), root.first("events")
        connections = events.first("worker_connections") if events is not None else None
        if limit is None or connections is None or not limit.args or not connections.args:
            continue
        files, wanted = limit.args[0], connections.args[0]
        if files.isdigit() and wanted.isdigit() and int(files) < int(wanted):
            message = f"{wanted} connections for a worker that may have {files} files open"
            help = f"write worker_rlimit_nofile {2 * int(wanted)}"
            yield Finding(message, connections.spot(1), help, ((limit.spot(1), "is less"),))


RULE = Rule(
    code="NG306",
    name="too-few-files",
    severity=Severity.WARNING,
    title="more connections than files",
    why='A connection is an open file, and a proxied request takes two: at the limit nginx drops requests: "Too many'
    ' open files". It only warns at the start: "worker_connections exceed open file resource limit".',
    mend="Let worker_rlimit_nofile be twice worker_connections.",
    bad="""\
worker_rlimit_nofile 1024;
events {
    worker_connections 4096;
}
http {
}
""",
    good="""\
worker_rlimit_nofile 8192;
events {
    worker_connections 4096;
}
http {
}
""",
    check=_check,
    directives=frozenset({"worker_rlimit_nofile"}),
)
