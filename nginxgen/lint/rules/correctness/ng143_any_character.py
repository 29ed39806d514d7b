"""NG143: a dot before the ending of a file that stands for any character."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import locations
from nginxgen.lint.rule import Finding, Rule, Subject

_ENDING = re.compile(r"^(?:\^?\(?\.[*+]\)?)?(\.)(\(?(?:\?:)?[A-Za-z0-9|]{2,}\)?)\$$")


def _check(subject: Subject) -> Iterator[Finding]:
    for one in locations(subject.configuration):
        found = _ENDING.search(one.path) if one.is_regex else None
        if found is not None:
            example = re.split(r"[|)]", found[2].lstrip("(?:"))[0]
            message = f'the dot before {found[2]} stands for any character, so that this is for "/my{example}" too'
            escaped = one.path[: found.start(1)] + "\\" + one.path[found.start(1) :]
            yield Finding(message, one.node.spot(one.word), f"write {escaped}")


RULE = Rule(
    code="NG143",
    name="any-character",
    severity=Severity.NOTE,
    title="a dot that stands for any character",
    why="In a regular expression a dot matches everything: .php$ takes every path that ends with php and has a letter"
    " before it. (PCRE; nginx 1.22.1 and 1.31.3.)",
    mend="Write a backslash before the dot.",
    bad="""\
location ~ .php$ {
    fastcgi_pass 127.0.0.1:9000;
}
""",
    good="""\
location ~ \\.php$ {
    fastcgi_pass 127.0.0.1:9000;
}
""",
    check=_check,
    directives=frozenset({"location"}),
)
