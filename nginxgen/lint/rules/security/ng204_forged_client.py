"""NG204: the client's address for the backend, taken from a header that the client sends."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import names_in

_SETTERS = ("proxy_set_header", "grpc_set_header", "fastcgi_param", "uwsgi_param", "scgi_param")
_ABOUT_CLIENT = ("x-forwarded-for", "x-real-ip", "x-client-ip", "true-client-ip", "x-cluster-client-ip", "remote-addr")
_SENT = frozenset({"http_x_forwarded_for", "http_x_real_ip", "http_x_client_ip", "http_client_ip", "http_forwarded"})


def _check(subject: Subject) -> Iterator[Finding]:
    for name in _SETTERS:
        for node in subject.configuration.named(name):
            if len(node.args) < 2 or node.args[0].lower().removeprefix("http_").replace("_", "-") not in _ABOUT_CLIENT:
                continue
            names = names_in(node.args[1])
            if len(names) == 1 and names[0] in _SENT:
                yield Finding(f"{node.args[0]} for the backend is whatever address the client writes", node.spot(2))


RULE = Rule(
    code="NG204",
    name="forged-client",
    severity=Severity.WARNING,
    title="a client's address that the client chooses",
    why="$http_x_forwarded_for and its like are headers of the request: whoever writes one is somebody else to the"
    " backend's logs, limits and lists of addresses. (ngx_http_core_module; seen on the wire.)",
    mend="Write $remote_addr; behind a proxy of your own, name it in set_real_ip_from, and $remote_addr is the"
    " client's.",
    bad="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_set_header X-Real-IP $http_x_forwarded_for;
}
""",
    good="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_set_header X-Real-IP $remote_addr;
}
""",
    check=_check,
    directives=frozenset(_SETTERS),
)
