"""NG173: a dollar sign with no name behind it, where nginx looks for a variable."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.definitions import expanded
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in

_OPEN = re.compile(r"\$\{(\w*)(?![\w}])")
_NAMELESS = re.compile(r"\$(?:\{\}|(?![\w{]))", re.ASCII)


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.walk():
        for at, word in expanded(node):
            if is_filled_in(word):
                continue
            if found := _OPEN.search(word):
                yield Finding(
                    f"the brace of {found[0]} is not closed", node.spot(at), f"write ${{{found[1] or 'name'}}}"
                )
            elif _NAMELESS.search(word):
                help = 'nginx has no escape for it; geo $dollar { default "$"; } makes a variable of one'
                yield Finding("there is no name behind a dollar sign", node.spot(at), help)


RULE = Rule(
    code="NG173",
    name="dollar-without-name",
    severity=Severity.ERROR,
    title="a dollar sign without a variable's name",
    why="In values with variables nginx takes every dollar sign for the beginning of one, and refuses what is none:"
    ' "invalid variable name", "the closing bracket is missing". (ngx_http_script_compile; both binaries.)',
    mend='Write the variable\'s name; for the sign itself, a variable that has it: geo $dollar { default "$"; }.',
    bad="""\
location /price {
    return 200 "5 $";
}
""",
    good="""\
location /price {
    return 200 "5 USD";
}
""",
    check=_check,
    is_refused=True,
)
