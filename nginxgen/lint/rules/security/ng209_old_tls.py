"""NG209: protocols of TLS that are broken or given up."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_LISTS = ("ssl_protocols", "proxy_ssl_protocols", "grpc_ssl_protocols", "uwsgi_ssl_protocols")
_BROKEN = ("SSLv2", "SSLv3")
_GIVEN_UP = ("TLSv1", "TLSv1.1")


def _check(subject: Subject) -> Iterator[Finding]:
    for name in _LISTS:
        for node in subject.configuration.named(name):
            old = [at for at, word in enumerate(node.args, start=1) if word in (*_BROKEN, *_GIVEN_UP)]
            if not old:
                continue
            broken = [node.args[at - 1] for at in old if node.args[at - 1] in _BROKEN]
            words = ", ".join(node.args[at - 1] for at in old)
            message = f"{words} {'are' if len(old) > 1 else 'is'} {'broken' if broken else 'no longer safe'}"
            severity = Severity.ERROR if broken else Severity.WARNING
            yield Finding(message, node.spot(old[0]), f"write {name} TLSv1.2 TLSv1.3", severity=severity)


RULE = Rule(
    code="NG209",
    name="old-tls",
    severity=Severity.WARNING,
    title="TLS of the last century",
    why="SSLv2 and SSLv3 can be read by others (RFC 6176, RFC 7568); TLSv1 and TLSv1.1 were given up (RFC 8996), and"
    " nginx has them off by default since 1.27.3.",
    mend="Write TLSv1.2 TLSv1.3.",
    bad="""\
server {
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2;
}
""",
    good="""\
server {
    ssl_protocols TLSv1.2 TLSv1.3;
}
""",
    check=_check,
    directives=frozenset(_LISTS),
)
