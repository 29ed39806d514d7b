"""NG137: a timeout of 0, which is no time at all and not for ever."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.durations import in_milliseconds
from nginxgen.lint.rule import Finding, Rule, Subject

_TIMEOUTS = frozenset(
    f"{protocol}_{kind}_timeout"
    for protocol in ("proxy", "grpc", "fastcgi", "uwsgi", "scgi", "memcached")
    for kind in ("connect", "read")
)


def _check(subject: Subject) -> Iterator[Finding]:
    for name in sorted(_TIMEOUTS & subject.configuration.names):
        for one in subject.configuration.named(name):
            if len(one.args) == 1 and in_milliseconds(one.args[0]) == 0 and not one.context.startswith("stream"):
                message = f"{name} {one.args[0]} waits no time at all: requests are answered with a 504 at once"
                yield Finding(message, one.spot(1), "write a long time such as 1h if nothing is to be cut off")


RULE = Rule(
    code="NG137",
    name="timeout-of-nothing",
    severity=Severity.ERROR,
    title="a timeout of 0",
    why="0 does not switch these timeouts off: nginx gives the backend up before it can answer, with a 504. (Seen on"
    " the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Write the time that a backend may take, as long as need be.",
    bad="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_read_timeout 0;
}
""",
    good="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_read_timeout 1h;
}
""",
    check=_check,
    directives=_TIMEOUTS,
)
