"""NG147: the ending of a file that a regular expression finds in the middle of a path too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import locations
from nginxgen.lint.rule import Finding, Rule, Subject

_ENDING = re.compile(r"(?<!/)\\\.(?:([a-z0-9]{2,5})|\((?:\?:)?([a-z0-9]{2,5})(?:\|[a-z0-9]+)*\))$", re.IGNORECASE)


def _check(subject: Subject) -> Iterator[Finding]:
    for one in locations(subject.configuration):
        found = _ENDING.search(one.path) if one.is_regex else None
        # PHP takes what stands behind its program's name for a path; and who refuses may mean to refuse more.
        meant = ("fastcgi_split_path_info", "deny", "return")
        if found is not None and not any(map(one.node.all, meant)):
            ending = found[1] or found[2]
            message = f'{one.path} also matches "/x.{ending}.html": nothing says that the path ends there'
            yield Finding(message, one.node.spot(one.word), f"write {one.path}$")


RULE = Rule(
    code="NG147",
    name="ending-not-at-the-end",
    severity=Severity.NOTE,
    title="the ending of a file anywhere in the path",
    why="Without a $ a regular expression matches in the middle as well: what is meant for pictures or programs also"
    " gets /x.png.html. (PCRE; seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Write a $ behind the ending.",
    bad="""\
location ~ \\.(png|jpg) {
    expires 30d;
}
""",
    good="""\
location ~ \\.(png|jpg)$ {
    expires 30d;
}
""",
    check=_check,
    directives=frozenset({"location"}),
)
