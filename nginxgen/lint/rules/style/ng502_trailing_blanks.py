"""NG502: blanks at the end of a line."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Edit, Severity
from nginxgen.lint.layout import trailing_blanks
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for file in subject.configuration.files:
        found = list(trailing_blanks(subject.configuration, file))
        if found:
            more = f", as on {len(found) - 1} more" if len(found) > 1 else ""
            fix = tuple(Edit(spot, "") for spot in found)
            yield Finding(f"blanks at the end of the line{more}", found[0], fix=fix)


RULE = Rule(
    code="NG502",
    name="trailing-blanks",
    severity=Severity.NOTE,
    title="blanks at the end of a line",
    why="Nobody sees them, and every editor that takes them away makes a change of a line that nobody changed.",
    mend="Take them out.",
    bad="server {  \n    listen 8080;\n}\n",
    good="server {\n    listen 8080;\n}\n",
    check=_check,
)
