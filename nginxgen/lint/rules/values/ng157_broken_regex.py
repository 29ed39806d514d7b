"""NG157: a regular expression that does not compile."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.patterns import is_cut, patterns
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in
from nginxgen.model.kind import NotValid
from nginxgen.model.text import regex

_NAMES = re.compile(r"\(\?P?<\w+>")
"""The names of groups, which look like what templates leave to be filled in."""


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.walk():
        if is_cut(node):
            if any(map(is_cut, node.around())):
                continue  # of a pattern with several, the first says it
            message = "the { of this pattern opens a block, since it has no quotes"
            yield Finding(message, node.spot(len(node.args)), "put the pattern into quotes")
            continue
        for at, pattern in patterns(node):
            if is_filled_in(_NAMES.sub("(", pattern)):
                continue
            try:
                regex(pattern)
            except NotValid as problem:
                yield Finding(str(problem), node.spot(at), problem.help)


RULE = Rule(
    code="NG157",
    name="broken-regex",
    severity=Severity.ERROR,
    title="a regular expression that does not compile",
    why="nginx refuses the whole configuration. A { or ; in a pattern without quotes ends the word, which leaves half a"
    " pattern.",
    mend="Balance the brackets, and put the pattern into quotes when { } ; or a blank stands in it.",
    bad="""\
server {
    listen 8080;
    location ~ ^/(img|css/ {
        expires 1h;
    }
}
""",
    good="""\
server {
    listen 8080;
    location ~ ^/(img|css)/ {
        expires 1h;
    }
}
""",
    check=_check,
    is_refused=True,
)
