"""NG245: the form of rewrite that CVE-2026-42945 is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.conf.version import Version
from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.rules.security.holes import advice, is_open_in

_MENDED = (Version(1, 30, 1), Version(1, 31, 0))
_CAPTURE = re.compile(r"\$[1-9]")
_ENDING = ("last", "break", "redirect", "permanent")
_USING = ("set", "if", "rewrite")


def _check(subject: Subject) -> Iterator[Finding]:
    if not (subject.target.lowest < _MENDED[0] and is_open_in(subject.target, *_MENDED)):
        return
    for node in subject.configuration.named("rewrite"):
        if len(node.args) < 2 or "?" not in node.args[1] or node.args[-1] in _ENDING or node.parent is None:
            continue
        if not node.args[1].startswith(("http://", "https://", "$scheme")) and (used := _used_behind(node)):
            message = "the ? here makes nginx write too much for the capture that is used below"
            yield Finding(message, node.spot(2), advice(*_MENDED), ((used.spot(), "is written past its end"),))


def _used_behind(node: Node) -> Node | None:
    assert node.parent is not None
    rest = node.parent.children or []
    for one in rest[rest.index(node) + 1 :]:
        if one.name in ("return", "break"):
            return None
        if one.name in _USING and any(_CAPTURE.search(word) for word in one.args[1:]):
            return one
    return None


RULE = Rule(
    code="NG245",
    name="overflow-by-rewrite",
    severity=Severity.NOTE,
    title="rewrite with ? before a numbered capture",
    why="Up to 1.30.0, a rewrite with ? is followed by set, if or rewrite with $1, and nginx writes past its memory"
    " when it is asked for the right path: a worker ends, or runs what a stranger sent. (CVE-2026-42945, nginx.org.)",
    mend="Take nginx 1.30.1 or 1.31.0; until then, name the capture: (?<id>.*) and $id.",
    bad="""\
server {
    rewrite ^/api/(.*) /new?moved=1;
    set $old $1;
}
""",
    good="""\
server {
    rewrite ^/api/(?<rest>.*) /new?moved=1;
    set $old $rest;
}
""",
    check=_check,
    directives=frozenset({"rewrite"}),
)
