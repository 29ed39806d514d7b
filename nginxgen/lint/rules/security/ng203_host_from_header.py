"""NG203: the Host header passed on, or redirected to, as the client wrote it."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.redirects import NAMES, host_in, redirect_word
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import is_asked_about, names_in

_SETTERS = ("proxy_set_header", "grpc_set_header")
_HOSTS = ("host", "x-forwarded-host", "x-forwarded-server", "x-original-host")
_SENT = ("http_", "arg_", "cookie_")
_HELP = "write $host, which nginx has checked; with :$server_port behind it where the port is not the usual one"


def _check(subject: Subject) -> Iterator[Finding]:
    for name in _SETTERS:
        for node in subject.configuration.named(name):
            if len(node.args) == 2 and node.args[0].lower() in _HOSTS and _takes_it(node.args[1]):
                yield Finding(f"{node.args[0]} for the backend is whatever the client writes", node.spot(2), _HELP)
    for name in NAMES:
        for node in subject.configuration.named(name):
            at = redirect_word(node)
            if at and _takes_it(host_in(node.args[at - 1])) and not _is_looked_at(node, node.args[at - 1]):
                yield Finding("the redirect leads to whatever host the client writes", node.spot(at), _HELP)


def _takes_it(text: str) -> bool:
    return any(name.startswith(_SENT) for name in names_in(text))


def _is_looked_at(node: Node, text: str) -> bool:
    return node.parent is not None and is_asked_about(names_in(text), node.parent)


RULE = Rule(
    code="NG203",
    name="host-from-header",
    severity=Severity.WARNING,
    title="a host that the client chooses",
    why="$http_host is the header as it was sent: it may differ from the host by which nginx chose the server (a"
    " request for http://real/ with Host: other is legal), and backends make links, password mails and cache keys of"
    " it. $host is in small letters, without a port, and the one that nginx chose by. (ngx_http_core_module; seen on"
    " the wire.)",
    mend="Write $host in place of $http_host.",
    bad="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_set_header Host $http_host;
}
""",
    good="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_set_header Host $host;
}
""",
    check=_check,
    directives=frozenset({*_SETTERS, *NAMES}),
)
