"""NG231: who comes in, or how often, is decided by an address that the client writes itself."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity, Spot
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import condition, names_in

_SENT = frozenset({"http_x_forwarded_for", "http_x_real_ip", "http_x_client_ip", "http_client_ip", "http_forwarded"})
_ZONES = ("limit_req_zone", "limit_conn_zone")


def _check(subject: Subject) -> Iterator[Finding]:
    for word, where, what in _decisions(subject):
        found = next((name for name in names_in(word) if name in _SENT), None)
        if found is not None:
            yield Finding(f"${found} is what the client writes, and decides {what}", where)


def _decisions(subject: Subject) -> Iterator[tuple[str, Spot, str]]:
    named = subject.configuration.named
    for zone in (one for name in _ZONES for one in named(name) if len(one.args) > 1):
        yield zone.args[0], zone.spot(1), "whose requests are counted together"
    for geo in named("geo"):
        if len(geo.args) == 2 and not any(one.name == "proxy" for one in geo.children or ()):
            yield geo.args[0], geo.spot(1), "which network it comes from"
    for asked in named("if"):
        refuses = any(
            one.name == "return" and one.args[:1] in (("401",), ("403",), ("444",)) for one in asked.children or ()
        )
        if refuses and (compared := condition(asked)) is not None:
            yield compared.left, asked.spot(1), "who comes in"


RULE = Rule(
    code="NG231",
    name="forged-address-asked",
    severity=Severity.WARNING,
    title="a decision by an address that the client writes",
    why="X-Forwarded-For and its like are headers of the request: whoever writes another one for each request is never"
    " limited, and whoever writes a friend's comes in. (ngx_http_core_module; seen on nginx 1.22.1 and 1.31.3.)",
    mend="Ask $remote_addr ($binary_remote_addr); behind a proxy of your own, name it in set_real_ip_from first.",
    bad="""\
http {
    limit_req_zone $http_x_forwarded_for zone=one:10m rate=1r/s;
}
""",
    good="""\
http {
    limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s;
}
""",
    check=_check,
    directives=frozenset({*_ZONES, "geo", "if"}),
)
