"""NG309: TLS sessions that are not kept, or by each worker alone."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    seen: set[Node | None] = set()
    for certificate in subject.configuration.named("ssl_certificate"):
        server = certificate.parent
        if server is None or not server.knows("ssl_session_cache") or server.context.startswith(("stream", "mail")):
            continue
        said = server.effective("ssl_session_cache")
        if any(word.startswith("shared:") for one in said for word in one.args):
            continue
        node = said[-1] if said else certificate
        if node not in seen and (said or server.parent not in seen):
            seen |= {node, server.parent}
            what = f"ssl_session_cache {' '.join(node.args)}" if said else "without ssl_session_cache"
            yield Finding(f"{what}: a client that returns to another worker begins anew", node.spot(0))


RULE = Rule(
    code="NG309",
    name="no-session-cache",
    severity=Severity.NOTE,
    title="TLS sessions that workers do not share",
    why="A client of TLS 1.2 without tickets that comes back has to go through the whole handshake, the most expensive"
    " part of a short request. The default is none. (ngx_http_ssl_module.)",
    mend='Write "ssl_session_cache shared:TLS:10m;" in http.',
    bad="""\
events {}
http {
    server {
        listen 8443 ssl;
        ssl_certificate shop.pem;
        ssl_certificate_key shop.key;
    }
}
""",
    good="""\
events {}
http {
    ssl_session_cache shared:TLS:10m;
    server {
        listen 8443 ssl;
        ssl_certificate shop.pem;
        ssl_certificate_key shop.key;
    }
}
""",
    check=_check,
    directives=frozenset({"ssl_certificate"}),
)
