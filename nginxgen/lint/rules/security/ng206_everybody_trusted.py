"""NG206: every address there is trusted to say who the client is."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("set_real_ip_from"):
        if node.args and node.args[0].endswith("/0"):
            header = node.parent.value("real_ip_header") if node.parent else None
            message = f"set_real_ip_from {node.args[0]} lets everybody choose their own address"
            help = f"name the proxies that write {header or 'X-Real-IP'}, and no other addresses"
            yield Finding(message, node.spot(1), help)


RULE = Rule(
    code="NG206",
    name="everybody-trusted",
    severity=Severity.WARNING,
    title="everybody may choose their own address",
    why="Whoever is in set_real_ip_from sets $remote_addr with a header; allow, deny, limits and logs go by it."
    " (ngx_http_realip_module; seen on the wire.)",
    mend="Name the proxies before nginx, and no other addresses.",
    bad="""\
http {
    set_real_ip_from 0.0.0.0/0;
    real_ip_header X-Forwarded-For;
}
""",
    good="""\
http {
    set_real_ip_from 192.0.2.10;
    real_ip_header X-Forwarded-For;
}
""",
    check=_check,
    directives=frozenset({"set_real_ip_from"}),
)
