"""NG251: a cookie that scripts can read, or that goes out without TLS."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.rules.security.browser_headers import added

_WEAKENING = ("nosecure", "nohttponly", "nosamesite")


def _check(subject: Subject) -> Iterator[Finding]:
    for node, name in added(subject.configuration):
        parts = [part.strip().lower() for part in node.args[1].split(";")]
        if name == "set-cookie" and "=" in parts[0] and "max-age=0" not in parts and "$" not in ";".join(parts[1:]):
            lacks = [part for part in ("Secure", "HttpOnly") if part.lower() not in parts]
            if lacks:
                yield Finding(f"the cookie lacks {' and '.join(lacks)}", node.spot(2))
    for node in subject.configuration.named("proxy_cookie_flags"):
        for at, word in enumerate(node.args, start=1):
            if at > 1 and word.lower() in _WEAKENING:
                yield Finding(
                    f"{word} takes a protection away that the backend gave the cookie", node.spot(at), "take it out"
                )


RULE = Rule(
    code="NG251",
    name="unprotected-cookie",
    severity=Severity.NOTE,
    title="a cookie without protection",
    why="Without Secure a cookie is sent in plain text too; without HttpOnly every script in the page reads it. (RFC"
    " 6265, sections 4.1.2.5 and 4.1.2.6.)",
    mend="Write ; Secure; HttpOnly; SameSite=Lax behind the value.",
    bad="""\
server {
    add_header Set-Cookie "seen=1; Path=/";
}
""",
    good="""\
server {
    add_header Set-Cookie "seen=1; Path=/; Secure; HttpOnly; SameSite=Lax";
}
""",
    check=_check,
    directives=frozenset({"add_header", "proxy_cookie_flags"}),
)
