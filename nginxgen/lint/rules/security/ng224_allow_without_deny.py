"""NG224: a list of who may come in that keeps nobody out."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.access import address_rules, own_address_rules
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    levels = dict.fromkeys(one.parent for one in subject.configuration.named("allow") if one.parent is not None)
    for level in levels:
        own = own_address_rules(level)
        if not own or not level.is_whole or any(one.name == "deny" for one in own) or own[0].args[0] == "all":
            continue
        outer = address_rules(level.parent) if level.parent is not None else []
        also = tuple((one.spot(), "holds no more here") for one in outer[-1:] if one.name == "deny")
        message = f"allow {own[0].args[0]} keeps nobody out, since no deny all follows"
        yield Finding(message, own[0].spot(), "write deny all; behind the last allow", also)


RULE = Rule(
    code="NG224",
    name="allow-without-deny",
    severity=Severity.ERROR,
    title="allow without deny",
    why="nginx takes the first rule that fits, and lets in whomever none fits. A level with an allow of its own also"
    " inherits no deny. (ngx_http_access_module; seen on nginx 1.22.1 and 1.31.3.)",
    mend="End the list with deny all.",
    bad="""\
location /admin/ {
    allow 192.0.2.0/24;
}
""",
    good="""\
location /admin/ {
    allow 192.0.2.0/24;
    deny all;
}
""",
    check=_check,
    directives=frozenset({"allow"}),
)
