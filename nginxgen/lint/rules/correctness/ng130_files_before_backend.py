"""NG130: try_files beside proxy_pass, which do not make files go before the backend."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes


def _check(subject: Subject) -> Iterator[Finding]:
    for node, to in passes(subject.configuration, "proxy_pass", "grpc_pass"):
        tried = node.parent.first("try_files") if node.parent is not None else None
        if tried is not None and any("$uri" in one for one in tried.args[:-1]):
            message = f"a file that is found is asked of {to.authority} all the same"
            help = f"move the proxy_pass into a named location: location @backend {{ }}, and {_with_name(tried.args)};"
            yield Finding(message, tried.spot(), help, ((node.spot(), "this answers here"),))


def _with_name(args: tuple[str, ...]) -> str:
    return " ".join(("try_files", *args[:-1], "@backend"))


RULE = Rule(
    code="NG130",
    name="files-before-backend",
    severity=Severity.WARNING,
    title="try_files beside a proxy_pass",
    why="try_files only chooses a path; what answers is the location's proxy_pass, for files that are there too,"
    " and for those that are not it goes to the last word instead of the backend. (Seen on the wire, nginx 1.22.1 and"
    " 1.31.3.)",
    mend="Let try_files end with a named location in which the proxy_pass stands.",
    bad="""\
server {
    root /srv/www;
    location / {
        try_files $uri /index.html;
        proxy_pass http://127.0.0.1:8080;
    }
}
""",
    good="""\
server {
    root /srv/www;
    location / {
        try_files $uri @backend;
    }
    location @backend {
        proxy_pass http://127.0.0.1:8080;
    }
}
""",
    check=_check,
    directives=frozenset({"try_files"}),
)
