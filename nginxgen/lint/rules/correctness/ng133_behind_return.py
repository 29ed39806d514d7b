"""NG133: what stands behind a return, and is never done."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.conditions import OF_REWRITE
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for one in subject.configuration.named("return"):
        if one.context.startswith("stream") or one.parent is None or one is not one.parent.first("return"):
            continue
        beside = one.parent.children or []
        dead = next((other for other in beside[beside.index(one) + 1 :] if other.name in OF_REWRITE), None)
        if dead is not None:
            message = f"{dead.name} is never done: every request ends at the return before it"
            yield Finding(
                message, dead.spot(0), "move it before the return", ((one.spot(), "every request ends here"),)
            )


RULE = Rule(
    code="NG133",
    name="behind-return",
    severity=Severity.WARNING,
    title="directives behind a return",
    why="nginx goes through set, if, rewrite and return in the order in which they stand, and a return ends it."
    " (ngx_http_rewrite_module.)",
    mend="Move the return behind them, into an if, or take them out.",
    bad="""\
location / {
    return 404;
    rewrite ^/old/(.*) /new/$1 permanent;
}
""",
    good="""\
location / {
    rewrite ^/old/(.*) /new/$1 permanent;
    return 404;
}
""",
    check=_check,
    directives=frozenset({"return"}),
)
