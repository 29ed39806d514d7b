"""NG156: a server_name that no request can have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.listeners import http_servers, sockets
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.semicolons import swallowed
from nginxgen.lint.templates import is_filled_in

_SCHEME = re.compile(r"[a-z]+://")


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("server_name"):
        for at, name in enumerate(node.args if swallowed(node) is None else (), 1):
            if name.startswith("~") or "$" in name or is_filled_in(name):
                continue
            if problem := _problem(name):
                # Names are looked at when a socket has several servers (ngx_http_server_names).
                is_refused = "*" in name and node.parent is not None and _is_one_of_several(node.parent, subject)
                severity = Severity.ERROR if is_refused else None
                yield Finding(f"no request is for {name}: {problem}", node.spot(at), _help(name), severity=severity)


def _is_one_of_several(server: Node, subject: Subject) -> bool:
    own = sockets(server).keys()
    others = (one for one in http_servers(subject.configuration) if one is not server and one.root is server.root)
    return server.root.inner == "main" and any(own & sockets(one).keys() for one in others)


def _problem(name: str) -> str | None:
    if _SCHEME.match(name):
        return "a host has no scheme"
    if "/" in name:
        return "a host has no path"
    if ":" in name and not name.startswith("["):
        return "nginx compares the host without its port"
    if ".." in name:
        return "it has an empty part"
    if name.endswith(","):
        return "names are separated by blanks, and the comma becomes part of the name"
    if name.startswith("*.") and "*" in name[1:]:
        return "it has two asterisks"
    if "*" in name[1:-1]:
        return "an asterisk stands for the first parts or the last ones, not for one amid them"
    return None


def _help(name: str) -> str:
    wanted = _SCHEME.sub("", name).split("/")[0].split(":")[0].rstrip(",")
    return f"write {wanted}" if wanted and ".." not in wanted and wanted.count("*") < 2 else "write a host's name"


RULE = Rule(
    code="NG156",
    name="impossible-server-name",
    severity=Severity.WARNING,
    title="a server name that matches no request",
    why="nginx takes the Host header without its port and looks for exactly that name; a scheme, a port, a path or a"
    " comma makes the server unreachable under it, mostly without a word. (ngx_http_core_module.)",
    mend="Write the plain name, one blank between two.",
    bad="""\
server {
    listen 8080;
    server_name shop.example.org:8080;
}
""",
    good="""\
server {
    listen 8080;
    server_name shop.example.org;
}
""",
    check=_check,
    directives=frozenset({"server_name"}),
)
