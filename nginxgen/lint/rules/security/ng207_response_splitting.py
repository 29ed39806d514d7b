"""NG207: a client's line break in a header or in a request for the backend."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.redirects import NAMES, redirect_word
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import Variables

_ANSWER = (*NAMES, "auth_basic", "add_header", "add_trailer")
_REQUEST = ("proxy_pass", "proxy_method", "proxy_set_header")
_FIRST = ("proxy_pass", "proxy_method", "auth_basic")


def _check(subject: Subject) -> Iterator[Finding]:
    variables = Variables(subject.configuration)
    for name in (*_ANSWER, *_REQUEST):
        for node in subject.configuration.named(name):
            at = _word(node)
            if not at or len(node.args) < at or node.context.startswith("stream"):
                continue
            for found in variables.sources(node.args[at - 1], node):
                if found.may_break_lines and not (name == "rewrite" and found.written[1:].isdigit()):
                    into = "the answer" if name in _ANSWER else "the request for the backend"
                    message = f"{found.spoken} puts a line break of the client's into {into}, and lines behind it"
                    yield Finding(message, node.spot(at), None if found.pattern is None else _of_capture(found.name))
                    break


def _of_capture(name: str) -> str:
    return f"let {name} match no line break, such as [^/\\s]+ or .+, or write $request_uri"


def _word(node: Node) -> int:
    """Which word becomes a header, or a line of a request; 0 when none does. rewrite escapes its own $1."""
    if node.name in NAMES:
        return redirect_word(node)
    return 1 if node.name in _FIRST else 2


RULE = Rule(
    code="NG207",
    name="response-splitting",
    severity=Severity.ERROR,
    title="a client's line break in a header",
    why="$uri, $document_uri and what is captured of the path were decoded: %0d%0a in a link is a line break there, and"
    " what comes behind it is a header that its author chose, such as Set-Cookie. (Seen on the wire of nginx 1.22.1"
    " and 1.31.3.)",
    mend="Write $request_uri, which nginx leaves as it was sent.",
    bad="""\
server {
    return 301 https://shop.example$uri;
}
""",
    good="""\
server {
    return 301 https://shop.example$request_uri;
}
""",
    check=_check,
    directives=frozenset({*_ANSWER, *_REQUEST}),
)
