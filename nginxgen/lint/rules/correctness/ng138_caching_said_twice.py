"""NG138: two directives that say how long an answer may be kept, and disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_FORBIDS = re.compile(r"no-store|no-cache", re.IGNORECASE)
_AGE = re.compile(r"\bmax-age=\d+", re.IGNORECASE)
_NOTHING = frozenset({"epoch", "0", "0s"})


def _check(subject: Subject) -> Iterator[Finding]:
    for one in subject.configuration.named("add_header"):
        if len(one.args) < 2 or one.args[0].lower() != "cache-control" or one.parent is None:
            continue
        expires = next((said for said in one.parent.effective("expires") if said.args), None)
        if expires is None or expires.args[0].startswith(("-", "$")) or expires.args[0] == "off":
            continue
        keeps = expires.args[0] not in _NOTHING
        if not _AGE.search(one.args[1]) and not (keeps and _FORBIDS.search(one.args[1])):
            continue
        message = f"a second Cache-Control is sent beside that of {expires}: {one.args[1]}"
        yield Finding(message, one.spot(2), "keep one of the two", ((expires.spot(), "sends Cache-Control as well"),))


RULE = Rule(
    code="NG138",
    name="caching-said-twice",
    severity=Severity.WARNING,
    title="expires beside a Cache-Control that says otherwise",
    why="expires sends Cache-Control: max-age itself, and add_header adds a second one: a browser gets both, and which"
    " of them it obeys is its own affair. (ngx_http_headers_module; seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Keep one of the two.",
    bad="""\
location /static/ {
    expires 30d;
    add_header Cache-Control "no-cache";
}
""",
    good="""\
location /static/ {
    expires 30d;
    add_header Cache-Control "public, immutable";
}
""",
    check=_check,
    directives=frozenset({"expires"}),
)
