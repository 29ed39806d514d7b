"""NG303: a level of compression that costs much and gains nothing."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_HIGHEST = 6


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("gzip_comp_level"):
        if node.args and node.args[0].isdigit() and int(node.args[0]) > _HIGHEST:
            yield Finding(
                f"level {node.args[0]} takes far more time than {_HIGHEST} for hardly fewer bytes", node.spot(1)
            )


RULE = Rule(
    code="NG303",
    name="gzip-level",
    severity=Severity.NOTE,
    title="a level of compression that does not pay",
    why="Answers are compressed anew for each request. zlib's level 9 takes far longer than level 6 and saves"
    " about a hundredth. (Shown with JSON by tests/lint/test_performance.py.)",
    mend="Write a level from 4 to 6.",
    bad="""\
http {
    gzip_comp_level 9;
}
""",
    good="""\
http {
    gzip_comp_level 5;
}
""",
    check=_check,
    directives=frozenset({"gzip_comp_level"}),
)
