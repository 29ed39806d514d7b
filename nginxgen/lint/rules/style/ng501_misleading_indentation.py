"""NG501: a line that looks as if it stood in another block."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.layout import column, is_first_on_its_line
from nginxgen.lint.patterns import is_cut
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    told: set[Node] = set()
    for node in subject.configuration.walk():
        block = node.parent
        if block is None or not block.words or block.file is not node.file or node.line == block.line:
            continue
        if not is_first_on_its_line(node) or not is_first_on_its_line(block) or column(block) < column(node):
            continue
        if block in told or is_cut(block):
            continue
        told.add(block)
        yield Finding(f"{node.name} stands in {_name(block)}, and is not indented like it", node.spot(0))


def _name(block: Node) -> str:
    return f"{block} of line {block.line}"


RULE = Rule(
    code="NG501",
    name="misleading-indentation",
    severity=Severity.NOTE,
    title="a line that looks as if it stood elsewhere",
    why="Who reads it takes it for a line of the outer block, and settings of nginx mean something else there.",
    mend="Indent the line more than the block in which it stands.",
    bad="""\
server {
    listen 8080;
    location / {
    expires 1h;
    }
}
""",
    good="""\
server {
    listen 8080;
    location / {
        expires 1h;
    }
}
""",
    check=_check,
)
