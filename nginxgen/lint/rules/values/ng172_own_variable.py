"""NG172: a variable of nginx's own that a configuration would give a value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.conf.facts import variable_since, variables
from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.definitions import NAMED_GROUP, sets
from nginxgen.lint.patterns import patterns
from nginxgen.lint.rule import Finding, Rule, Subject

_CHANGEABLE = re.compile(
    r"args|limit_rate|ancient_browser|modern_browser|msie|invalid_referer|uid_reset|http3"
    r"|proxy_(?:host|internal_host|port)|geoip_\w+|ssl_\w+"
)
"""What may be set all the same, or is of a module that hardly any nginx has: tests/lint/test_refused.py asks both
binaries about each of the others."""


def is_fixed(name: str) -> bool:
    """Whether nginx has a variable of that name, and alone says what is in it."""
    return name in variables() and _CHANGEABLE.fullmatch(name) is None


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.walk():
        if node.parent is None or node.parent.is_free_form or node.context.startswith(("stream", "mail")):
            continue
        for at, name in _given(node):
            if is_fixed(name) and subject.target.since(variable_since(name)):
                yield Finding(f"${name} is a variable of nginx's own", node.spot(at), "give yours another name")


def _given(node: Node) -> Iterator[tuple[int, str]]:
    """The variables that a directive gives a value, and in which of its words."""
    if (own := sets(node)) is not None:
        yield own
    for at, pattern in patterns(node):
        yield from ((at, name.lower()) for name in NAMED_GROUP.findall(pattern))


RULE = Rule(
    code="NG172",
    name="own-variable",
    severity=Severity.ERROR,
    title="a value for a variable of nginx's own",
    why="$host, $uri and most others are nginx's to fill; $args and $limit_rate may be set. nginx refuses the rest:"
    ' "the duplicate variable". (ngx_http_add_variable; each was put to both binaries.)',
    mend="Give your variable a name that nginx does not have.",
    bad="""\
server {
    listen 8080;
    set $host shop.example.org;
}
""",
    good="""\
server {
    listen 8080;
    set $shop_host shop.example.org;
}
""",
    check=_check,
    is_refused=True,
)
