"""NG234: names of backends looked up across the public network."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import host_of


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("resolver"):
        for at, word in enumerate(node.args, start=1):
            if "=" not in word and _is_public(host_of(word)):
                yield Finding(f"{word} is asked across the public network, in plain text", node.spot(at))
                break


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return False


RULE = Rule(
    code="NG234",
    name="public-resolver",
    severity=Severity.NOTE,
    title="names are looked up across the public network",
    why="Answers are not signed: who can forge one leads requests to a backend of its own, and the names of your"
    " machines are told to somebody else. nginx.org advises a trusted resolver in the own network."
    " (ngx_http_core_module: resolver.)",
    mend="Name a resolver of this machine or network, such as 127.0.0.53.",
    bad="""\
http {
    resolver 8.8.8.8;
}
""",
    good="""\
http {
    resolver 127.0.0.53;
}
""",
    check=_check,
    directives=frozenset({"resolver"}),
)
