"""NG503: several directives on one line."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    before: Node | None = None
    for node in subject.configuration.walk():
        if before is not None and _is_beside(before, node):
            yield Finding(f"{node.name} stands on the line of {before.name}", node.spot(0))
        before = node


def _is_beside(before: Node, node: Node) -> bool:
    """Whether two directives of one level share a line, neither a short block on a line of its own."""
    if node.parent is not before.parent or node.file is not before.file or node.context == "types":
        return False
    if before.children is not None or (node.parent is not None and (node.parent.is_free_form or not node.parent.words)):
        return False
    block = node.parent
    is_short = block is not None and block.line == node.line  # if (…) { set $a b; break; } is one thought
    return not is_short and node.line == before.line


RULE = Rule(
    code="NG503",
    name="crowded-line",
    severity=Severity.NOTE,
    title="several directives on one line",
    why="The second is overlooked, by people and by what compares versions line by line.",
    mend="Give each a line.",
    bad="""\
server {
    listen 8080; server_name shop.example.org;
}
""",
    good="""\
server {
    listen 8080;
    server_name shop.example.org;
}
""",
    check=_check,
)
