"""NG315: an access log that is written line by line."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("access_log"):
        path = node.args[0] if node.args else "off"
        # A log with variables in its name cannot have a buffer, and gzip is one.
        if path == "off" or path.startswith(("syslog:", "/dev/")) or "$" in path or is_filled_in(path):
            continue
        if not any(one.startswith(("buffer=", "gzip", "if=")) for one in node.args[1:]):
            yield Finding(f"each request writes its own line to {path}", node.spot(), "add buffer=64k flush=1s")


RULE = Rule(
    code="NG315",
    name="log-without-buffer",
    severity=Severity.NOTE,
    title="an access log without a buffer",
    why="Without buffer= nginx calls write() for every request, and a worker waits for the disk meanwhile. With it,"
    " lines are written together, at the latest when flush= is over. (ngx_http_log_module.)",
    mend='Add "buffer=64k flush=1s", where a second of the log may be lost with the machine.',
    bad="""\
http {
    access_log /var/log/nginx/access.log combined;
}
""",
    good="""\
http {
    access_log /var/log/nginx/access.log combined buffer=64k flush=1s;
}
""",
    check=_check,
    directives=frozenset({"access_log"}),
)
