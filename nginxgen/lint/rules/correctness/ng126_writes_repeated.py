"""NG126: requests that change something, and may be sent to two backends."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_RETRIES = tuple(f"{one}_next_upstream" for one in ("proxy", "grpc", "fastcgi", "uwsgi", "scgi"))


def _check(subject: Subject) -> Iterator[Finding]:
    for name in _RETRIES:
        for one in subject.configuration.named(name):
            if "non_idempotent" in one.args and len(one.args) > 1:
                message = "non_idempotent sends a POST to a second backend when the first may already have done it"
                yield Finding(message, one.spot(one.args.index("non_idempotent") + 1))


RULE = Rule(
    code="NG126",
    name="writes-repeated",
    severity=Severity.WARNING,
    title="requests that change something sent twice",
    why="A backend that fails after it has acted has acted all the same: the order is placed twice, the money paid"
    " twice. nginx repeats only requests that may be repeated unless non_idempotent says otherwise. (nginx 1.9.13.)",
    mend="Take non_idempotent out, or write it only in locations whose requests may be repeated.",
    bad="""\
server {
    location / {
        proxy_pass http://127.0.0.1:8080;
        proxy_next_upstream error timeout non_idempotent;
    }
}
""",
    good="""\
server {
    location / {
        proxy_pass http://127.0.0.1:8080;
        proxy_next_upstream error timeout;
    }
}
""",
    check=_check,
    directives=frozenset(_RETRIES),
)
