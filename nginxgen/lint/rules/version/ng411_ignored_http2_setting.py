"""NG411: settings of HTTP/2 that nginx reads and ignores."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.conf.version import Version
from nginxgen.diagnostic import Severity
from nginxgen.lint.edits import without
from nginxgen.lint.rule import Finding, Rule, Subject

_OF_LIMITS, _OF_PUSH = Version(1, 19, 7), Version(1, 25, 1)
_IGNORED: dict[str, tuple[Version, str | None]] = {
    "http2_idle_timeout": (_OF_LIMITS, "keepalive_timeout"),
    "http2_max_field_size": (_OF_LIMITS, "large_client_header_buffers"),
    "http2_max_header_size": (_OF_LIMITS, "large_client_header_buffers"),
    "http2_max_requests": (_OF_LIMITS, "keepalive_requests"),
    "http2_recv_timeout": (_OF_LIMITS, "client_header_timeout"),
    "http2_max_concurrent_pushes": (_OF_PUSH, None),
    "http2_push": (_OF_PUSH, None),
    "http2_push_preload": (_OF_PUSH, None),
}


def _check(subject: Subject) -> Iterator[Finding]:
    for name, (since, instead) in _IGNORED.items():
        if subject.target.highest < since:
            continue
        for node in subject.configuration.named(name):
            fix = (without(node),) if subject.target.since(since) else ()
            message = f"nginx ignores {name} since {since}"
            help = f"{instead} says it for HTTP/2 too" if instead else "take it out: browsers take no pushes any more"
            yield Finding(message, node.spot(0), help, fix=fix)


RULE = Rule(
    code="NG411",
    name="ignored-http2-setting",
    severity=Severity.WARNING,
    title="a setting of HTTP/2 that is ignored",
    why="What it asks for does not happen: since 1.19.7 HTTP/2 has the limits of HTTP/1.1, since 1.25.1 nginx"
    " pushes nothing. nginx says so in a warning at each start. (Measured on 1.22.1 and 1.31.3.)",
    mend="Set what nginx reads, and take it out.",
    bad="""\
server {
    listen 8080;
    http2_max_requests 5000;
}
""",
    good="""\
server {
    listen 8080;
    keepalive_requests 5000;
}
""",
    check=_check,
    directives=frozenset(_IGNORED),
    since=_OF_LIMITS,
)
