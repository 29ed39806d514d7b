"""NG217: headers that protect visitors, lost on a level with headers of its own."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.rules.security.browser_headers import PROTECTING, added


def _check(subject: Subject) -> Iterator[Finding]:
    levels = dict.fromkeys(node.parent for node, _ in added(subject.configuration) if node.parent is not None)
    for level in levels:
        if level.value("add_header_inherit") == "merge":
            continue
        around = next((one for one in level.around() if one.all("add_header")), None)
        own = set(map(_name, level.all("add_header")))
        lost = [one for one in around.all("add_header") if _is_lost(one, own)] if around is not None else []
        if lost:
            names = ", ".join(dict.fromkeys(one.args[0] for one in lost))
            first = level.all("add_header")[0]
            also = ((lost[0].spot(), "holds no more where a level has one of its own"),)
            yield Finding(f"add_header here takes away what is inherited: {names}", first.spot(), None, also)


def _name(node: Node) -> str:
    return node.args[0].lower() if node.args else ""


def _is_lost(node: Node, own: set[str]) -> bool:
    return _name(node) in PROTECTING and _name(node) not in own and node.args[1:2] != ("",)


RULE = Rule(
    code="NG217",
    name="lost-protection",
    severity=Severity.WARNING,
    title="headers for browsers that are lost on the way down",
    why="nginx inherits add_header only where a level has none of its own: one more header for a location takes"
    " Strict-Transport-Security and all others away from it. (ngx_http_headers_module; seen on the wire.)",
    mend="Repeat the whole set on that level; from nginx 1.29.3 on, add_header_inherit merge keeps what is inherited.",
    bad="""\
server {
    add_header X-Content-Type-Options nosniff always;
    location / {
        add_header Cache-Control no-store;
    }
}
""",
    good="""\
server {
    add_header X-Content-Type-Options nosniff always;
    location / {
        add_header X-Content-Type-Options nosniff always;
        add_header Cache-Control no-store;
    }
}
""",
    check=_check,
    directives=frozenset({"add_header"}),
)
