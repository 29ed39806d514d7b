"""NG307: answers of backends that are not buffered, for everything at once."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_NAMES = ("proxy_buffering", "fastcgi_buffering", "uwsgi_buffering", "scgi_buffering")


def _check(subject: Subject) -> Iterator[Finding]:
    for name in _NAMES:
        for node in subject.configuration.named(name):
            if node.args == ("off",) and node.context == "http":
                yield Finding(f"{name} is off for every server", node.spot())


RULE = Rule(
    code="NG307",
    name="no-buffering",
    severity=Severity.WARNING,
    title="buffering off for everything",
    why="A backend then stays busy until the slowest client has read its answer, and nothing is cached. (Of"
    " ngx_http_proxy_module: caching needs buffering.)",
    mend="Say it in the locations that stream; a backend may also ask for it with X-Accel-Buffering: no.",
    bad="""\
http {
    proxy_buffering off;
    server {
        listen 8080;
    }
}
""",
    good="""\
http {
    server {
        listen 8080;
        location /events {
            proxy_buffering off;
        }
    }
}
""",
    check=_check,
    directives=frozenset(_NAMES),
)
