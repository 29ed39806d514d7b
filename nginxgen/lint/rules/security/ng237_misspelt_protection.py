"""NG237: a header for browsers whose name or value no browser knows."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.rules.security.browser_headers import PROTECTING, added

_KNOWN = frozenset(
    {"content-security-policy-report-only", "x-content-security-policy", "x-xss-protection", "x-dns-prefetch-control"}
    | {
        "x-permitted-cross-domain-policies",
        "feature-policy",
        "cross-origin-opener-policy-report-only",
        "x-content-type",
    }
    | {
        "cross-origin-embedder-policy-report-only",
        "permissions-policy-report-only",
        "content-type",
        "x-content-duration",
    }
)
_VALUES = {"x-content-type-options": ("nosniff",), "x-frame-options": ("deny", "sameorigin")}


def _check(subject: Subject) -> Iterator[Finding]:
    for node, name in added(subject.configuration):
        value = node.args[1].strip().strip("'\"").rstrip(";").lower()
        if name not in PROTECTING and name not in _KNOWN and not name.startswith("access-control"):
            if close := get_close_matches(name, PROTECTING, n=1, cutoff=0.9):
                message = f"no browser knows {node.args[0]}"
                yield Finding(message, node.spot(1), f"did you mean {PROTECTING[close[0]]}?")
        elif name in _VALUES and value and "$" not in value and value not in _VALUES[name]:
            known = " or ".join(one.upper() if name == "x-frame-options" else one for one in _VALUES[name])
            help = f"write {known}" + (
                "; Content-Security-Policy: frame-ancestors names sites" if " or " in known else ""
            )
            yield Finding(f"browsers take no notice of {node.args[0]} {node.args[1]}", node.spot(2), help)


RULE = Rule(
    code="NG237",
    name="misspelt-protection",
    severity=Severity.WARNING,
    title="a header that no browser knows",
    why="A header whose name or value is not known is passed over without a word, and nobody is protected. (Fetch and"
    " HTML standards; RFC 7034, whose ALLOW-FROM browsers have given up.)",
    mend="Write the name and the value as browsers know them.",
    bad="""\
server {
    add_header X-Frame-Option DENY always;
}
""",
    good="""\
server {
    add_header X-Frame-Options DENY always;
}
""",
    check=_check,
    directives=frozenset({"add_header"}),
)
