"""NG162: times of kept connections that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.durations import in_milliseconds
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("keepalive_timeout"):
        kept = in_milliseconds(node.args[0]) if node.args else None
        if not kept or node.parent is None:
            continue
        told = in_milliseconds(node.args[1]) if len(node.args) > 1 else None
        if told is not None and told > kept:
            message = f"clients are told {node.args[1]}, and their connections are closed after {node.args[0]}"
            yield Finding(message, node.spot(2), f"write {node.args[0]} or less")
        yield from _longer(node, kept, "keepalive_min_timeout", "lasts longer than connections do")
        if node.context == "upstream":
            yield from _shorter(node, kept)


def _longer(node: Node, kept: int, name: str, what: str) -> Iterator[Finding]:
    for other in node.parent.effective(name)[-1:] if node.parent is not None else ():
        least = in_milliseconds(other.args[0]) if other.args else None
        if least is not None and least > kept:
            yield Finding(f"{name} {other.args[0]} {what}: {node.args[0]}", other.spot(1))


def _shorter(node: Node, kept: int) -> Iterator[Finding]:
    for other in node.parent.all("keepalive_time") if node.parent is not None else ():
        whole = in_milliseconds(other.args[0]) if other.args else None
        if whole is not None and whole < kept:
            message = f"a connection may be idle for {node.args[0]}, and is not used any more after {other.args[0]}"
            yield Finding(message, node.spot(1))


RULE = Rule(
    code="NG162",
    name="keepalive-at-odds",
    severity=Severity.WARNING,
    title="times of kept connections that contradict each other",
    why="A client that is told a longer time than nginx waits sends its next request on a connection that has just been"
    " closed. keepalive_min_timeout beyond keepalive_timeout, or keepalive_time below a group's keepalive_timeout,"
    " leaves the longer one without effect. (ngx_http_core_module, ngx_http_upstream_module.)",
    mend="Let the time in the header be the shorter one.",
    bad="""\
http {
    keepalive_timeout 10s 60s;
}
""",
    good="""\
http {
    keepalive_timeout 60s 55s;
}
""",
    check=_check,
    directives=frozenset({"keepalive_timeout"}),
)
