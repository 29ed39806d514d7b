"""NG139: an alias under a regular expression that takes nothing of the path with it."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import location
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for alias in subject.configuration.named("alias"):
        found = location(alias.parent)
        if found is None or not found.is_regex or len(alias.args) != 1 or "$" in alias.args[0]:
            continue
        path = alias.args[0]
        if path.endswith("/"):
            message = f"every request here gets {path} itself: an alias under a regular expression is the whole path"
            help = f"put what is wanted in parentheses, as in (.*)$, and write alias {path.removesuffix('/')}/$1;"
            yield Finding(message, alias.spot(1), help, ((found.node.spot(found.word), "the regular expression"),))


RULE = Rule(
    code="NG139",
    name="alias-to-one-file",
    severity=Severity.WARNING,
    title="an alias without what the regular expression found",
    why="There is no prefix that an alias could replace in a location with a regular expression: the alias is the path"
    " of the file, for all requests alike. (ngx_http_core_module: alias; seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Capture the part of the path that names the file, and put it into the alias as $1.",
    bad="""\
location ~ ^/photos/.+\\.jpg$ {
    alias /srv/photos/;
}
""",
    good="""\
location ~ ^/photos/(.+\\.jpg)$ {
    alias /srv/photos/$1;
}
""",
    check=_check,
    directives=frozenset({"alias"}),
)
