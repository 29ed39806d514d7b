"""NG151: a time, size, number or word that is none for nginx."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.parameters import Shape, check_value, shape
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in
from nginxgen.model.kind import NotValid


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.walk():
        if node.children is not None or node.parent is None or node.parent.is_free_form:
            continue
        known = shape(node.name, node.context)
        if known is not None:
            yield from _in(node, known)


def _in(node: Node, known: Shape) -> Iterator[Finding]:
    free = 0
    for at, word in enumerate(node.args, 1):
        name, equals, value = word.partition("=")
        if equals and name in known.named:
            yield from _judged("", known.named[name], value, node, at)
        elif word not in known.words:
            if free < len(known.kinds) and known.kinds[free]:
                yield from _judged(node.name if known.free == 1 else "", known.kinds[free], word, node, at)
            free += 1


def _judged(name: str, kind: str, value: str, node: Node, at: int) -> Iterator[Finding]:
    if is_filled_in(value) or "$" in value:
        return
    try:
        check_value(name, kind, value)
    except NotValid as problem:
        yield Finding(f"{node.name}: {problem}", node.spot(at), problem.help or "nginx refuses it")


RULE = Rule(
    code="NG151",
    name="invalid-value",
    severity=Severity.ERROR,
    title="a time, size or number that nginx does not read",
    why="nginx takes times as 300ms, 60s or 1h30m, sizes as 512, 8k, 16m, and in some places 2g; it refuses the whole"
    " configuration for anything else. (ngx_parse_time, ngx_parse_size, ngx_parse_offset.)",
    mend="Write the value as nginx reads it.",
    bad="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_read_timeout 60sec;
}
""",
    good="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_read_timeout 60s;
}
""",
    check=_check,
    is_refused=True,
)
