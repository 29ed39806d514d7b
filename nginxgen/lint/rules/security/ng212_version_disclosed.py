"""NG212: answers that name nginx's version."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("server_tokens"):
        if node.args[:1] in (("on",), ("build",)):
            yield Finding("every answer and error page names nginx's version", node.spot(1))
    for http in subject.configuration.named("http"):
        if http.is_whole and http.root.is_whole and not any(one.name == "server_tokens" for one in http.walk()):
            yield Finding("every answer and error page names nginx's version", http.spot(0), "write server_tokens off")


RULE = Rule(
    code="NG212",
    name="version-disclosed",
    severity=Severity.NOTE,
    title="answers that name nginx's version",
    why="Whoever looks for servers with a known hole finds yours by its version. server_tokens is on unless it is"
    " written. (ngx_http_core_module.)",
    mend="Write server_tokens off in http.",
    bad="""\
http {
    server {
        listen 8080;
    }
}
""",
    good="""\
http {
    server_tokens off;
    server {
        listen 8080;
    }
}
""",
    check=_check,
    directives=frozenset({"server_tokens", "http"}),
)
