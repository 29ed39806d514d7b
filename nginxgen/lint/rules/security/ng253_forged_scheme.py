"""NG253: what a backend is told of scheme or port, taken from a header that the client sends."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import names_in

_SETTERS = ("proxy_set_header", "grpc_set_header", "fastcgi_param", "uwsgi_param", "scgi_param")
_MEANT = {
    "x-forwarded-proto": "$scheme",
    "x-forwarded-scheme": "$scheme",
    "x-forwarded-ssl": "$https",
    "x-forwarded-port": "$server_port",
}


def _check(subject: Subject) -> Iterator[Finding]:
    if subject.configuration.named("set_real_ip_from"):
        return  # there is a proxy in front, whose headers these are
    for name in _SETTERS:
        for node in subject.configuration.named(name):
            header = node.args[0].lower().removeprefix("http_").replace("_", "-") if len(node.args) > 1 else ""
            if header in _MEANT and names_in(node.args[1]) == [f"http_{header.replace('-', '_')}"]:
                message = f"{node.args[0]} for the backend is whatever the client writes"
                yield Finding(message, node.spot(2), f"write {_MEANT[header]}, or name the proxy in front")


RULE = Rule(
    code="NG253",
    name="forged-scheme",
    severity=Severity.WARNING,
    title="a scheme or port that the client chooses",
    why="$http_x_forwarded_proto and its like are headers of the request. A backend that builds links, redirects or"
    " cookies from them does so as any client tells it: plain HTTP passes for TLS. Not told"
    " of where set_real_ip_from names a proxy in front. (ngx_http_core_module; seen on the wire.)",
    mend="Write $scheme or $server_port; behind a proxy of your own, name it in set_real_ip_from.",
    bad="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;
}
""",
    good="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_set_header X-Forwarded-Proto $scheme;
}
""",
    check=_check,
    directives=frozenset(_SETTERS),
)
