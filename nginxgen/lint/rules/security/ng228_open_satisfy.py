"""NG228: satisfy any beside a rule that everybody satisfies."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.access import address_rules
from nginxgen.lint.rule import Finding, Rule, Subject

_EVERYBODY = ("all", "0.0.0.0/0", "::/0")
_ASKED = ("auth_basic", "auth_request", "auth_jwt")


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("satisfy"):
        level = node.parent
        if level is None or node.args[:1] != ("any",):
            continue
        asked = [one for name in _ASKED for one in level.effective(name) if one.args[:1] != ("off",)]
        open_to = next((one for one in address_rules(level) if one.args[0] in _EVERYBODY), None)
        if asked and open_to is not None and open_to.name == "allow":
            also = ((asked[0].spot(), "is asked of nobody"), (open_to.spot(), "is satisfied by everybody"))
            yield Finding("one of both is enough, and everybody satisfies one", node.spot(), None, also)


RULE = Rule(
    code="NG228",
    name="open-satisfy",
    severity=Severity.ERROR,
    title="satisfy any that everybody satisfies",
    why="With satisfy any, whoever has a fitting address is asked for no password; allow all fits everybody."
    " (ngx_http_core_module: satisfy; seen on nginx 1.22.1 and 1.31.3.)",
    mend="Allow the addresses that need no password, then deny all.",
    bad="""\
location /admin/ {
    satisfy any;
    allow all;
    auth_basic members;
    auth_basic_user_file /etc/nginx/members;
}
""",
    good="""\
location /admin/ {
    satisfy any;
    allow 192.0.2.0/24;
    deny all;
    auth_basic members;
    auth_basic_user_file /etc/nginx/members;
}
""",
    check=_check,
    directives=frozenset({"satisfy"}),
)
