"""NG250: names that nobody serves get the certificate and the site of whoever stands first."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.listeners import http_servers, is_default, sockets
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for http in subject.configuration.named("http"):
        if not (http.is_whole and http.root.is_whole):
            continue
        there: dict[str, list[Node]] = {}
        for server in http_servers(subject.configuration):
            for socket, listen in sockets(server).items() if server.is_whole else ():
                if "ssl" in listen.args:
                    there.setdefault(socket, []).append(listen)
        for listens in there.values():
            if len(listens) > 1 and not any(map(is_default, listens)) and not _takes_any(listens):
                first = listens[0]
                message = f"who asks {first.args[0]} for another name gets this server and its certificate"
                yield Finding(message, first.spot(1), None, ((listens[1].spot(1), "is not asked"),))


def _takes_any(listens: list[Node]) -> bool:
    servers = [one.parent for one in listens if one.parent is not None]
    names = [name for server in servers for one in server.all("server_name") for name in one.args]
    return "_" in names or "" in names or any(server.all("ssl_reject_handshake") for server in servers)


RULE = Rule(
    code="NG250",
    name="certificate-for-any-name",
    severity=Severity.NOTE,
    title="a certificate for names that nobody serves",
    why="Without default_server the first server answers for every other name and for the bare address: scanners read"
    " your names in its certificate, and its backend gets hosts it does not know. (ngx_http_core_module: listen.)",
    mend="Add a server with listen 443 ssl default_server and ssl_reject_handshake on (since nginx 1.19.4).",
    bad="""\
http {
    server {
        listen 443 ssl;
        server_name a.example;
        ssl_certificate a.pem;
        ssl_certificate_key a.key;
    }
    server {
        listen 443 ssl;
        server_name b.example;
        ssl_certificate b.pem;
        ssl_certificate_key b.key;
    }
}
""",
    good="""\
http {
    server {
        listen 443 ssl default_server;
        server_name a.example;
        ssl_certificate a.pem;
        ssl_certificate_key a.key;
    }
    server {
        listen 443 ssl;
        server_name b.example;
        ssl_certificate b.pem;
        ssl_certificate_key b.key;
    }
}
""",
    check=_check,
    directives=frozenset({"http"}),
)
