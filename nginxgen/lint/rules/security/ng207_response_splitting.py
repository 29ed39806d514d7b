"""NG207: a client's line break in a header or in a request for the backend."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import Variables

_REDIRECTS = ("301", "302", "303", "307", "308")
_VALUE_AT = {"add_header": 2, "add_trailer": 2, "proxy_set_header": 2, "proxy_pass": 1, "proxy_method": 1}
_INTO = {
    "return": "the answer",
    "add_header": "the answer",
    "add_trailer": "the answer",
    "proxy_set_header": "the request for the backend",
    "proxy_pass": "the request for the backend",
    "proxy_method": "the request for the backend",
}


def _check(subject: Subject) -> Iterator[Finding]:
    variables = Variables(subject.configuration)
    for name, into in _INTO.items():
        for node in subject.configuration.named(name):
            at = _return_at(node) if name == "return" else _VALUE_AT[name]
            if not at or len(node.args) < at or node.context.startswith("stream"):
                continue
            found = next((one for one in variables.sources(node.args[at - 1], node) if one.may_break_lines), None)
            if found is not None:
                message = (
                    f"{found.spoken} puts a line break of the client's into {into}, and lines of its own behind it"
                )
                yield Finding(message, node.spot(at), None if found.pattern is None else _of_capture(found.name))


def _of_capture(name: str) -> str:
    return f"let {name} match no line break, such as [^/\\s]+ or .+, or write $request_uri"


def _return_at(node: Node) -> int:
    """Which word of a return is an address that becomes a header; 0 when none is."""
    if len(node.args) == 1:
        return 1 if not node.args[0].isdigit() else 0
    return 2 if node.args and node.args[0] in _REDIRECTS else 0


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
    directives=frozenset(_INTO),
)
