"""NG500: tabs and blanks before lines of one file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.layout import Line, lines
from nginxgen.lint.rule import Finding, Rule, Subject

_WORD = {"\t": "tabs", " ": "blanks"}


def _check(subject: Subject) -> Iterator[Finding]:
    for file in subject.configuration.files:
        indented = [line for line in lines(subject.configuration, file) if line.indent]
        kinds = Counter(line.indent[0] for line in indented)
        if len(kinds) < 2 and not any(_is_mixed(line) for line in indented):
            continue
        usual = kinds.most_common(1)[0][0]
        odd = next((line for line in indented if line.indent[0] != usual or _is_mixed(line)), None)
        if odd is not None:
            message = f"most lines of the file are indented by {_WORD[usual]}, this one otherwise"
            yield Finding(message, odd.spot(), f"indent all of them by {_WORD[usual]}")


def _is_mixed(line: Line) -> bool:
    return " \t" in line.indent


RULE = Rule(
    code="NG500",
    name="mixed-indentation",
    severity=Severity.NOTE,
    title="tabs and blanks in one file",
    why="How deep a line stands then depends on the width of a tab in the editor at hand, and blocks look as if they"
    " ended elsewhere.",
    mend="Use one of the two.",
    bad="""\
server {
    listen 8080;
\tlocation / {
    }
}
""",
    good="""\
server {
    listen 8080;
    location / {
    }
}
""",
    check=_check,
)
