"""NG205: X-Forwarded-For kept from clients whom nobody vouches for."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import names_in


def _check(subject: Subject) -> Iterator[Finding]:
    told = set()
    for node in subject.configuration.named("proxy_set_header"):
        level = node.parent
        if len(node.args) < 2 or level is None or "proxy_add_x_forwarded_for" not in names_in(node.args[1]):
            continue
        if level.root in told or not level.knows("set_real_ip_from") or level.effective("set_real_ip_from"):
            continue
        told.add(level.root)
        yield Finding("what the client writes into X-Forwarded-For stays in front of its address", node.spot(2))


RULE = Rule(
    code="NG205",
    name="appended-forwarded-for",
    severity=Severity.NOTE,
    title="a list of addresses that a client may begin",
    why="$proxy_add_x_forwarded_for puts the address behind what the client sent: a backend that takes the first one"
    " believes the client. Where no proxy stands before nginx, nothing in front is true. (ngx_http_proxy_module; seen"
    " on the wire.) It is told once.",
    mend="Write $remote_addr when clients reach nginx directly; else name the proxies in set_real_ip_from.",
    bad="""\
http {
    server {
        location / {
            proxy_pass http://127.0.0.1:8080;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }
    }
}
""",
    good="""\
http {
    server {
        location / {
            proxy_pass http://127.0.0.1:8080;
            proxy_set_header X-Forwarded-For $remote_addr;
        }
    }
}
""",
    check=_check,
    directives=frozenset({"proxy_set_header"}),
)
