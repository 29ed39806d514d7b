"""NG225: an allow or deny that no address comes to, because "all" stands before it."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.access import ADDRESSES, own_address_rules
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    named = (one.parent for name in ADDRESSES for one in subject.configuration.named(name))
    for level in dict.fromkeys(one for one in named if one is not None):
        rules = own_address_rules(level)
        first = next((at for at, one in enumerate(rules) if one.args[0] == "all"), len(rules))
        for one in rules[first + 1 :]:
            if one.args[0] != "all" and one.name != rules[first].name:
                also = ((rules[first].spot(), "is for every address already"),)
                yield Finding(f"{one} is never asked", one.spot(), f"write it before {rules[first]}", also)


RULE = Rule(
    code="NG225",
    name="rule-behind-all",
    severity=Severity.WARNING,
    title="an allow or deny that is never asked",
    why="nginx takes the first rule that fits, and all fits everybody. (ngx_http_access_module; seen on nginx 1.22.1"
    " and 1.31.3.)",
    mend="Write all in the last rule.",
    bad="""\
location /admin/ {
    allow all;
    deny 192.0.2.7;
}
""",
    good="""\
location /admin/ {
    deny 192.0.2.7;
    allow all;
}
""",
    check=_check,
    directives=frozenset(ADDRESSES),
)
