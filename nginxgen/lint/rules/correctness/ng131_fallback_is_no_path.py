"""NG131: a last word of try_files to which nginx cannot go, or a code that is not the last."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for one in subject.configuration.named("try_files"):
        for at, word in enumerate(one.args[:-1], start=1):
            if re.fullmatch(r"=[1-5][0-9][0-9]|@[A-Za-z]\w*", word):
                yield Finding(f"{word} is looked for as a file, since it is not the last word", one.spot(at))
        if one.args:
            yield from _of_last(one, one.args[-1])


def _of_last(one: Node, last: str) -> Iterator[Finding]:
    spot = one.spot(len(one.args))
    if last in ("$uri", "$uri/"):
        message = f"a path that is not there goes to {last}, again and again, until nginx answers with a 500"
        yield Finding(message, spot, "add =404 behind it")
    elif re.fullmatch(r"[1-5][0-9][0-9]", last):
        yield Finding(f"{last} is no status here but the name of a file", spot, f"write ={last}")
    elif re.match(r"[A-Za-z0-9][\w.-]*(?:/|$|\?)", last) and "://" not in last:
        message = f'the path to go to lacks its slash: nginx puts "{last}" right behind the root\'s last letter'
        yield Finding(message, spot, f"write /{last}")


RULE = Rule(
    code="NG131",
    name="fallback-is-no-path",
    severity=Severity.ERROR,
    title="a try_files that ends in nothing",
    why="The last word of try_files is not looked for: nginx goes there. $uri leads back to the same place, ten times"
    " and then to a 500; a word without a slash leads beside the root. (Seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="End with =404, with a path that begins with a slash, or with a named location.",
    bad="""\
location / {
    try_files $uri $uri/;
}
""",
    good="""\
location / {
    try_files $uri $uri/ =404;
}
""",
    check=_check,
    directives=frozenset({"try_files"}),
)
