"""NG226: a return that answers before anybody is kept out."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.access import own_guards
from nginxgen.lint.rule import Finding, Rule, Subject

_REDIRECTS = ("301", "302", "303", "307", "308")


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("return"):
        level = node.parent
        if level is None or level.name == "if" or not _tells(node):
            continue
        guards = [one for one in own_guards(level) if one.name not in ("internal", "valid_referers", "secure_link")]
        if guards and not (guards[0].name == "allow" and guards[0].args[0] == "all"):
            also = ((guards[0].spot(), "comes too late"),)
            is_redirect = node.args[0] in _REDIRECTS or not node.args[0].isdigit()
            severity = Severity.NOTE if is_redirect else None
            yield Finding(
                f"everybody gets this answer, whatever {guards[0].name} says", node.spot(0), None, also, (), severity
            )


def _tells(node: Node) -> bool:
    """Whether the answer is more than a refusal or a bare code."""
    return len(node.args) > 1 or (node.args[:1] != () and not node.args[0].isdigit())


RULE = Rule(
    code="NG226",
    name="return-before-access",
    severity=Severity.ERROR,
    title="return answers before anybody is kept out",
    why="nginx runs return before it looks at allow, deny, auth_basic and auth_request, wherever they are written."
    " (Phases of ngx_http_rewrite_module and ngx_http_access_module; seen on nginx 1.22.1 and 1.31.3.)",
    mend="Put what is told into a file, or into a second location that this one reaches by try_files.",
    bad="""\
location /secret {
    deny all;
    return 200 "the secret";
}
""",
    good="""\
location /secret {
    deny all;
    try_files /none @secret;
}
""",
    check=_check,
    directives=frozenset({"return"}),
)
