"""NG120: a balancing method that another directive of the group takes the place of."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from nginxgen.conf.version import Version
from nginxgen.diagnostic import Severity
from nginxgen.lint.groups import METHODS, groups
from nginxgen.lint.rule import Finding, Rule, Subject

_ANY_ORDER = Version(1, 29, 7)


def _check(subject: Subject) -> Iterator[Finding]:
    for group in groups(subject.configuration):
        methods = [one for one in group.children or () if one.name in METHODS]
        for earlier, later in itertools.pairwise(methods):
            message = f"{earlier.name} does nothing, since {later.name} behind it is the method of {group.args[0]}"
            yield Finding(message, earlier.spot(0), "keep one of them", ((later.spot(0), "takes its place"),))
        for kept in group.all("keepalive"):
            late = next((one for one in methods if one.start > kept.start and one.file is kept.file), None)
            if late is not None and not subject.target.since(_ANY_ORDER):
                message = f"before nginx 1.29.7, {late.name} behind keepalive switches keepalive off"
                help = f"move {late.name} before keepalive"
                yield Finding(message, late.spot(0), help, ((kept.spot(0), "does nothing then"),))


RULE = Rule(
    code="NG120",
    name="method-redefined",
    severity=Severity.WARNING,
    title="a balancing method in the wrong place",
    why="Of two methods the last one holds. Before nginx 1.29.7, keepalive also had to stand behind the method, which"
    " otherwise takes its place; nginx warns: load balancing method redefined. (nginx 1.22.1 and 1.31.3.)",
    mend="Write one method, first in the group, and keepalive behind it.",
    bad="""\
upstream shop {
    server 127.0.0.1:8080;
    server 127.0.0.1:8081;
    ip_hash;
    least_conn;
}
""",
    good="""\
upstream shop {
    least_conn;
    server 127.0.0.1:8080;
    server 127.0.0.1:8081;
}
""",
    check=_check,
    directives=METHODS,
)
