"""NG230: valid_referers that lets in whoever sends no Referer."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("valid_referers"):
        for at, word in enumerate(node.args, start=1):
            if word in ("none", "blocked"):
                yield Finding(f"{word} lets in every request without a real Referer", node.spot(at))
                break


RULE = Rule(
    code="NG230",
    name="referer-as-guard",
    severity=Severity.NOTE,
    title="a guard that asks for a Referer",
    why="Whoever wants to come in leaves the header out. none and blocked are right against pictures shown on other"
    " sites, which is all that valid_referers is made for. (ngx_http_referer_module.)",
    mend="Leave none and blocked out if it is to keep strangers out; better guard by auth_basic, auth_request or"
    " tokens.",
    bad="""\
location /files/ {
    valid_referers none blocked shop.example;
    if ($invalid_referer) {
        return 403;
    }
}
""",
    good="""\
location /files/ {
    valid_referers shop.example;
    if ($invalid_referer) {
        return 403;
    }
}
""",
    check=_check,
    directives=frozenset({"valid_referers"}),
)
