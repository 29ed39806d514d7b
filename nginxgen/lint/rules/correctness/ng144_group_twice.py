"""NG144: two groups of one name."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.groups import groups
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    known: dict[tuple[Node | None, str], Node] = {}
    for group in groups(subject.configuration):
        first = known.setdefault((group.parent, group.args[0].lower()), group)
        if first is not group and (group.root.inner == "main" or group.file is first.file):
            message = f"{group.args[0]} is defined already, on line {first.line}, and nginx refuses the file"
            yield Finding(message, group.spot(1), None, ((first.spot(1), "the first one"),))


RULE = Rule(
    code="NG144",
    name="group-twice",
    severity=Severity.ERROR,
    title="two groups of one name",
    why="nginx refuses the second: duplicate upstream. Capitals make no difference. (nginx 1.22.1 and 1.31.3.)",
    mend="Make one group of the two, or give one another name.",
    bad="""\
upstream shop {
    server 127.0.0.1:8080;
}
upstream shop {
    server 127.0.0.1:8081;
}
""",
    good="""\
upstream shop {
    server 127.0.0.1:8080;
    server 127.0.0.1:8081;
}
""",
    check=_check,
    directives=frozenset({"upstream"}),
    is_refused=True,
)
