"""NG127: a time for further backends that is over before the first one is given up."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.durations import in_milliseconds
from nginxgen.lint.rule import Finding, Rule, Subject

_PROTOCOLS = ("proxy", "grpc", "fastcgi", "uwsgi", "scgi", "memcached")
_UNSAID = 60_000


def _check(subject: Subject) -> Iterator[Finding]:
    for protocol in _PROTOCOLS:
        connect = f"{protocol}_connect_timeout"
        for one in subject.configuration.named(f"{protocol}_next_upstream_timeout"):
            level = one.parent
            limit = in_milliseconds(one.args[0]) if one.args else None
            if level is None or not limit or one.context.startswith("stream") or not level.knows(connect):
                continue
            said = level.value(connect)
            patience = in_milliseconds(said) if said is not None else _UNSAID
            if patience is not None and limit <= patience:
                what = f"{connect} {said}" if said is not None else f"{connect}, which is 60 s"
                message = f"a backend that hangs is given up after {what}, and {one.args[0]} are over then"
                help = f"write a {connect} that is shorter than {one.args[0]}"
                yield Finding(message, one.spot(1), help)


RULE = Rule(
    code="NG127",
    name="retry-too-late",
    severity=Severity.WARNING,
    title="a retry whose time is over before it begins",
    why="proxy_next_upstream_timeout counts from the beginning of the request. A backend that hangs uses up"
    " proxy_connect_timeout first, and then it is too late to ask another. (ngx_http_proxy_module.)",
    mend="Write a proxy_connect_timeout of a few seconds, well below proxy_next_upstream_timeout.",
    bad="""\
server {
    proxy_connect_timeout 30s;
    proxy_next_upstream_timeout 10s;
}
""",
    good="""\
server {
    proxy_connect_timeout 2s;
    proxy_next_upstream_timeout 10s;
}
""",
    check=_check,
    directives=frozenset(f"{one}_next_upstream_timeout" for one in _PROTOCOLS),
)
