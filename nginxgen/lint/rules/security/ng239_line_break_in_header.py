"""NG239: a header with a line break in it."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_SETTERS = ("add_header", "add_trailer", "proxy_set_header", "more_set_headers")


def _check(subject: Subject) -> Iterator[Finding]:
    for name in _SETTERS:
        for node in subject.configuration.named(name):
            for at, word in enumerate(node.args, start=1):
                if ("\n" in word or "\r" in word) and (name != "more_set_headers" or ":" in word):
                    yield Finding("nginx sends the line break as it stands, in the middle of the header", node.spot(at))
                    break


RULE = Rule(
    code="NG239",
    name="line-break-in-header",
    severity=Severity.WARNING,
    title="a header with a line break",
    why="What stands on the second line is another header, or breaks the answer: clients of HTTP/2 and 3 refuse it,"
    " others take a policy by halves. (RFC 9110, section 5.5; seen on the wire of nginx 1.22.1 and 1.31.3.)",
    mend="Write the value on one line; long ones can be put together by set.",
    bad="""\
server {
    add_header Content-Security-Policy "default-src 'self';\\n img-src *";
}
""",
    good="""\
server {
    add_header Content-Security-Policy "default-src 'self'; img-src *";
}
""",
    check=_check,
    directives=frozenset(_SETTERS),
)
