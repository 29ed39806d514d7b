"""NG219: Strict-Transport-Security that no browser heeds, or not for long."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.rules.security.browser_headers import HSTS, added

_MONTH = 30 * 24 * 60 * 60


def _check(subject: Subject) -> Iterator[Finding]:
    for node, name in added(subject.configuration):
        if name != HSTS or "$" in node.args[1] or not node.args[1]:
            continue
        age = re.search(r"max-age\s*=\s*\"?(\d+)", node.args[1], re.IGNORECASE)
        if age is None:
            yield Finding(f"{node.args[0]} without max-age is heeded by no browser", node.spot(2))
        elif 0 < int(age[1]) < _MONTH:
            message = f"max-age={age[1]} holds less than a month"
            yield Finding(message, node.spot(2), "write max-age=31536000 once all works", severity=Severity.NOTE)
        elif int(age[1]) and (server := node.parent) is not None and _is_plain(server):
            yield Finding(f"browsers heed {node.args[0]} over TLS only, and this server speaks none", node.spot(1))


def _is_plain(server: Node) -> bool:
    """Whether a server speaks HTTP only; behind a proxy that takes the TLS off, it says so by a header."""
    listens = server.all("listen")
    if server.inner != "server" or not listens or not server.is_whole or server.all("ssl_certificate"):
        return False
    return all(not {"ssl", "quic"} & set(one.args) and _port(one) == "80" for one in listens)


def _port(listen: Node) -> str:
    return listen.args[0].rpartition(":")[2] if listen.args else ""


RULE = Rule(
    code="NG219",
    name="void-hsts",
    severity=Severity.WARNING,
    title="a promise of TLS without effect",
    why="A browser heeds the header with max-age and over TLS only, and for as many seconds as that says. (RFC 6797,"
    " sections 6.1.1 and 8.1.)",
    mend='Write add_header Strict-Transport-Security "max-age=31536000" always in the server that speaks TLS.',
    bad="""\
server {
    add_header Strict-Transport-Security includeSubDomains always;
}
""",
    good="""\
server {
    add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;
}
""",
    check=_check,
    directives=frozenset({"add_header"}),
)
