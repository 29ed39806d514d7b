"""NG220: any site may act in a visitor's name."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.rules.security.browser_headers import added, value_of
from nginxgen.lint.variables import Variables, is_asked_about, names_in

_ORIGIN = "access-control-allow-origin"
_CREDENTIALS = "access-control-allow-credentials"


def _check(subject: Subject) -> Iterator[Finding]:
    variables = Variables(subject.configuration)
    for node, name in added(subject.configuration):
        level, origin = node.parent, node.args[1]
        credentials = value_of(level, _CREDENTIALS) if level is not None and name == _ORIGIN else None
        if level is None or credentials is None or credentials.args[1].lower() != "true":
            continue
        also = ((credentials.spot(2), "with cookies"),)
        if origin == "*":
            message = "browsers refuse * together with credentials"
            yield Finding(message, node.spot(2), "name the one origin that may", also, severity=Severity.WARNING)
        elif not is_asked_about(["http_origin", *names_in(origin)], level):
            found = variables.sources(origin, node)
            if any(one.name in ("$http_origin", "$http_referer") and one.pattern is None for one in found):
                yield Finding("any site may read this answer in its visitors' names", node.spot(2), None, also)


RULE = Rule(
    code="NG220",
    name="cors-with-credentials",
    severity=Severity.ERROR,
    title="any site may act in a visitor's name",
    why="Access-Control-Allow-Origin $http_origin says yes to every site, and with credentials its script reads what"
    " only the visitor should: mails, tokens, accounts. (Fetch standard, CORS protocol and credentials.)",
    mend="Allow origins by a map from $http_origin, whose default is empty.",
    bad="""\
location / {
    add_header Access-Control-Allow-Origin $http_origin always;
    add_header Access-Control-Allow-Credentials true always;
}
""",
    good="""\
http {
    map $http_origin $allowed_origin {
        default "";
        https://shop.example https://shop.example;
    }
    server {
        add_header Access-Control-Allow-Origin $allowed_origin always;
        add_header Access-Control-Allow-Credentials true always;
    }
}
""",
    check=_check,
    directives=frozenset({"add_header"}),
)
