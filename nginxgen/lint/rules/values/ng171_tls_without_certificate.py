"""NG171: TLS without the certificate, key or authorities that it needs."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.listeners import http_servers, is_default, sockets
from nginxgen.lint.rule import Finding, Rule, Subject

_CLIENTS = ("proxy", "grpc", "uwsgi")
_SCHEMES = {"proxy": "https://", "grpc": "grpcs://", "uwsgi": "suwsgi://"}


def _check(subject: Subject) -> Iterator[Finding]:
    yield from _without_certificate(subject)
    for server in http_servers(subject.configuration):
        if any("ssl" in one.args[1:] for one in server.all("listen")):
            yield from _incomplete(server)
    for family in _CLIENTS:
        for node in subject.configuration.named(f"{family}_pass"):
            if node.parent is not None and node.args and node.args[0].startswith(_SCHEMES[family]):
                yield from _asking(node.parent, family)


def _without_certificate(subject: Subject) -> Iterator[Finding]:
    """Sockets whose default server has no certificate; the others may do with that one's (ngx_http_ssl_init)."""
    defaults: dict[tuple[Node, str], tuple[Node, Node]] = {}
    for server in http_servers(subject.configuration):
        for socket, listen in sockets(server).items():
            if listen is not server and (is_default(listen) or (server.root, socket) not in defaults):
                defaults[server.root, socket] = server, listen
    for server, listen in defaults.values():
        is_known = server.knows("ssl_certificate") and server.knows("ssl_reject_handshake")
        refuses = server.value("ssl_reject_handshake") == "on"
        if "ssl" in listen.args[1:] and is_known and not refuses and not server.effective("ssl_certificate"):
            message = "this listener speaks TLS, and nothing says its certificate"
            yield Finding(message, listen.spot(), "add ssl_certificate and ssl_certificate_key")


def _incomplete(server: Node) -> Iterator[Finding]:
    certificates, keys = server.effective("ssl_certificate"), server.effective("ssl_certificate_key")
    if not certificates:
        return
    if len(keys) < len(certificates) and server.knows("ssl_certificate_key"):
        last = certificates[-1]
        yield Finding(f"{''.join(last.args)} has no key", last.spot(), "add ssl_certificate_key")
    verify = server.effective("ssl_verify_client")[-1:]
    if verify and verify[0].args in (("on",), ("optional",)):
        trusted = ("ssl_client_certificate", "ssl_trusted_certificate")
        if all(map(server.knows, trusted)) and not any(map(server.effective, trusted)):
            message = "nothing says whose certificates clients may have"
            yield Finding(message, verify[0].spot(), "add ssl_client_certificate")


def _asking(level: Node, family: str) -> Iterator[Finding]:
    names = tuple(f"{family}_ssl_{one}" for one in ("certificate", "certificate_key", "verify", "trusted_certificate"))
    if not all(map(level.knows, names)):
        return
    certificate, key, verify, trusted = (level.effective(one) for one in names)
    if certificate and not key:
        yield Finding(f"{''.join(certificate[-1].args)} has no key", certificate[-1].spot(), f"add {names[1]}")
    if verify and verify[-1].args == ("on",) and not trusted:
        yield Finding("nothing says which authorities are trusted", verify[-1].spot(), f"add {names[3]}")


RULE = Rule(
    code="NG171",
    name="tls-without-certificate",
    severity=Severity.ERROR,
    title="TLS that lacks a certificate, a key or authorities",
    why='nginx refuses the configuration: no "ssl_certificate" is defined for the "listen ... ssl" directive, no'
    ' "ssl_certificate_key" is defined, no ssl_client_certificate for ssl_verify_client. (ngx_http_ssl_module, both'
    " binaries.) Looked for only where every file is known.",
    mend="Add what is lacking, or take ssl out of the listener.",
    bad="""\
events {}
http {
    server {
        listen 8443 ssl;
        return 204;
    }
}
""",
    good="""\
events {}
http {
    server {
        listen 8443 ssl;
        ssl_certificate /etc/ssl/shop.pem;
        ssl_certificate_key /etc/ssl/shop.key;
        return 204;
    }
}
""",
    check=_check,
    directives=frozenset({"listen", *(f"{one}_pass" for one in _CLIENTS)}),
    is_refused=True,
)
