"""NG218: headers that protect visitors, and are missing in error pages."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.rules.security.browser_headers import PROTECTING, added


def _check(subject: Subject) -> Iterator[Finding]:
    found: dict[Node, list[Node]] = {}
    for node, name in added(subject.configuration):
        if name in PROTECTING and node.args[1] and len(node.args) == 2 and node.parent is not None:
            found.setdefault(node.parent, []).append(node)
    for nodes in found.values():
        names = ", ".join(dict.fromkeys(one.args[0] for one in nodes))
        yield Finding(f"error pages go out without {names}", nodes[0].spot(), "write always behind each value")


RULE = Rule(
    code="NG218",
    name="protection-without-always",
    severity=Severity.NOTE,
    title="headers for browsers that error pages lack",
    why="Without always, add_header is for the codes 200, 201, 204, 206, 301, 302, 303, 304, 307 and 308 only: a page"
    " for 404 or 500 is not protected. (ngx_http_headers_module; seen on the wire.)",
    mend="Write always behind the value.",
    bad="""\
server {
    add_header X-Frame-Options DENY;
}
""",
    good="""\
server {
    add_header X-Frame-Options DENY always;
}
""",
    check=_check,
    directives=frozenset({"add_header"}),
)
