"""NG302: compression that leaves everything but HTML as it is."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for gzip in subject.configuration.named("gzip"):
        level = gzip.parent
        if gzip.args != ("on",) or level is None or not level.knows("gzip_types") or level.effective("gzip_types"):
            continue
        if not any(one.name == "gzip_types" for one in level.walk()):
            yield Finding("gzip is on for text/html only, since no gzip_types are named", gzip.spot())


RULE = Rule(
    code="NG302",
    name="gzip-without-types",
    severity=Severity.WARNING,
    title="compression of HTML only",
    why="nginx compresses text/html and what gzip_types adds: scripts, styles and JSON go out at three to five times"
    " their size. (ngx_http_gzip_module; its default is text/html.)",
    mend="Name the types of text that are served, such as text/css, application/javascript and application/json.",
    bad="""\
events {}
http {
    gzip on;
    server {
        listen 8080;
    }
}
""",
    good="""\
events {}
http {
    gzip on;
    gzip_types text/css application/javascript application/json image/svg+xml;
    server {
        listen 8080;
    }
}
""",
    check=_check,
    directives=frozenset({"gzip"}),
)
