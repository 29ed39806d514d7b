"""NG313: a resolver that is asked again and again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_BRIEF = re.compile(r"valid=([0-4])s?|valid=([0-9]{1,3})ms")


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("resolver"):
        for at, word in enumerate(node.args, 1):
            if _BRIEF.fullmatch(word):
                yield Finding(f"{word} asks the name server again every few seconds, in each worker", node.spot(at))


RULE = Rule(
    code="NG313",
    name="impatient-resolver",
    severity=Severity.NOTE,
    title="names that are looked up every few seconds",
    why="valid replaces the time that the name server itself gives: requests wait for the answer whenever it has run"
    " out, in each worker by itself. (ngx_http_core_module.)",
    mend="Leave valid out, so that the record's own time holds, or write 10s or more.",
    bad="""\
server {
    listen 8080;
    resolver 127.0.0.1 valid=1s;
}
""",
    good="""\
server {
    listen 8080;
    resolver 127.0.0.1 valid=30s;
}
""",
    check=_check,
    directives=frozenset({"resolver"}),
)
