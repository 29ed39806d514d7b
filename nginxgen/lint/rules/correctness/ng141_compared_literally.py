"""NG141: an if that compares with a pattern, letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.conditions import comparison
from nginxgen.lint.rule import Finding, Rule, Subject

_PATTERN = re.compile(r"^\^|[A-Za-z0-9)]\|[A-Za-z0-9(]|\.\*|\\\.|^\*\.|\.[a-z]+\$$")
_VARIABLES = ("$host", "$http_", "$request_method", "$uri", "$scheme", "$server_name", "$remote_addr", "$request_uri")


def _check(subject: Subject) -> Iterator[Finding]:
    for one in subject.configuration.named("if"):
        asked = comparison(one)
        if asked is None or asked[1] not in ("=", "!=") or not asked[0].startswith(_VARIABLES):
            continue
        variable, operator, text = asked
        if _PATTERN.search(text):
            at = next((at for at, word in enumerate(one.args, 1) if text in word.removesuffix(")")), None)
            message = f"{operator} compares {variable} with {text} letter by letter, which is no pattern here"
            help = f"write {'~' if operator == '=' else '!~'} for a regular expression"
            yield Finding(message, one.spot(at), help)


RULE = Rule(
    code="NG141",
    name="compared-literally",
    severity=Severity.ERROR,
    title="a pattern behind =",
    why="= and != compare texts; only ~ and ~* take a regular expression. The condition never holds, or always."
    " (ngx_http_rewrite_module: if.)",
    mend="Write ~ instead of =, and !~ instead of !=.",
    bad="""\
location / {
    if ($request_method = GET|HEAD) {
        return 204;
    }
}
""",
    good="""\
location / {
    if ($request_method ~ ^(GET|HEAD)$) {
        return 204;
    }
}
""",
    check=_check,
    directives=frozenset({"if"}),
)
