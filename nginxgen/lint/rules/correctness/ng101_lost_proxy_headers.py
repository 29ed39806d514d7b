"""NG101: headers for the backend that a level with headers of its own no longer sends."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject

_LISTS = ("proxy_set_header", "grpc_set_header")


def _check(subject: Subject) -> Iterator[Finding]:
    for name in _LISTS:
        levels = dict.fromkeys(one.parent for one in subject.configuration.named(name) if one.parent is not None)
        for level in levels:
            own = {_header(one) for one in level.all(name)}
            around = next((one for one in level.around() if one.all(name)), None)
            lost = [one for one in around.all(name) if _header(one) not in own] if around is not None else []
            if lost:
                yield _finding(name, level, lost)


def _header(node: Node) -> str:
    return node.args[0].lower() if node.args else ""


def _finding(name: str, level: Node, lost: list[Node]) -> Finding:
    first = level.all(name)[0]
    names = ", ".join(dict.fromkeys(one.args[0] for one in lost if one.args))
    message = f"{name} here takes away what is inherited: {names}"
    also = ((lost[0].spot(), "holds no more where a level has one of its own"),)
    return Finding(message, first.spot(), f"repeat {names} on this level", also)


RULE = Rule(
    code="NG101",
    name="lost-proxy-headers",
    severity=Severity.WARNING,
    title="headers for the backend that are lost on the way down",
    why="nginx inherits proxy_set_header only where a level has none of its own: one more header for a location takes"
    " Host, X-Forwarded-For and all others away from it. (ngx_http_proxy_module; seen on the wire.)",
    mend="Repeat the whole set on every level that has a proxy_set_header of its own.",
    bad="""\
server {
    proxy_set_header Host $host;
    location / {
        proxy_pass http://127.0.0.1:8080;
        proxy_set_header X-Shop cart;
    }
}
""",
    good="""\
server {
    proxy_set_header Host $host;
    location / {
        proxy_pass http://127.0.0.1:8080;
        proxy_set_header Host $host;
        proxy_set_header X-Shop cart;
    }
}
""",
    check=_check,
    directives=frozenset(_LISTS),
)
