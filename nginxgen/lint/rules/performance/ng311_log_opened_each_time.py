"""NG311: a log whose file is opened and closed for every request."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("access_log"):
        level = node.parent
        if level is None or not node.args or "$" not in node.args[0] or is_filled_in(node.args[0]):
            continue
        if node.args[0].startswith("syslog:") or not level.knows("open_log_file_cache"):
            continue
        if level.value("open_log_file_cache") in (None, "off"):
            yield Finding(f"{node.args[0]} is opened and closed for each request", node.spot(1))


RULE = Rule(
    code="NG311",
    name="log-opened-each-time",
    severity=Severity.NOTE,
    title="a log that is opened for every request",
    why="nginx keeps a log open unless a variable stands in its path: then each line costs an open and a close, and no"
    " buffer is used. (ngx_http_log_module.)",
    mend='Write "open_log_file_cache max=100 inactive=60s;" beside it.',
    bad="""\
events {}
http {
    server {
        listen 8080;
        access_log logs/$host.log combined;
    }
}
""",
    good="""\
events {}
http {
    server {
        listen 8080;
        access_log logs/$host.log combined;
        open_log_file_cache max=100 inactive=60s;
    }
}
""",
    check=_check,
    directives=frozenset({"access_log"}),
)
