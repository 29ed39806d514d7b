"""NG102: lists other than headers that a level with an entry of its own no longer has."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.inheritance import lost_findings
from nginxgen.lint.rule import Finding, Rule, Subject

_LISTS = (
    "fastcgi_param",
    "uwsgi_param",
    "scgi_param",
    "proxy_hide_header",
    "fastcgi_hide_header",
    "uwsgi_hide_header",
    "grpc_hide_header",
    "sub_filter",
)


def _check(subject: Subject) -> Iterator[Finding]:
    yield from lost_findings(subject.configuration, _LISTS)


RULE = Rule(
    code="NG102",
    name="lost-list",
    severity=Severity.WARNING,
    title="parameters that are lost on the way down",
    why="nginx inherits a list such as fastcgi_param whole or not at all: one more parameter in a location takes all"
    " those around it away, and PHP then answers with an empty page. (ngx_http_fastcgi_module, ngx_http_proxy_module.)",
    mend="Repeat the whole list on the level that adds to it, most easily by an include.",
    bad="""\
server {
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    location / {
        fastcgi_pass 127.0.0.1:9000;
        fastcgi_param HTTPS on;
    }
}
""",
    good="""\
server {
    location / {
        fastcgi_pass 127.0.0.1:9000;
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        fastcgi_param HTTPS on;
    }
}
""",
    check=_check,
    directives=frozenset(_LISTS),
)
