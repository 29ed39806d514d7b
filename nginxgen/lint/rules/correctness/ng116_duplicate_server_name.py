"""NG116: a name that two servers have on one socket."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.listeners import http_servers, names, sockets
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    claims: dict[tuple[Node, str, str], tuple[Node, Node, int]] = {}
    for server in http_servers(subject.configuration):
        told: set[tuple[Node, int]] = set()
        called = names(server)
        if not called and server.is_whole:
            called = [("", server, 0)]
        for socket in sockets(server):
            for name, node, at in called:
                first, where, word = claims.setdefault((server.root, socket, name), (server, node, at))
                if first is server or name.startswith("~") or (node, at) in told:
                    continue
                if server.root.inner != "main" and first.file is not server.file:
                    continue  # files of a folder need not be read by one nginx
                told.add((node, at))
                what = name or "a server without a name"
                message = f"{what} is on {socket} already, on line {first.line}; nginx ignores this one"
                yield Finding(message, node.spot(at), None, ((where.spot(word), "the first one"),))


RULE = Rule(
    code="NG116",
    name="duplicate-server-name",
    severity=Severity.WARNING,
    title="two servers with one name on one socket",
    why="nginx warns about a conflicting server name, and hands every request for it to the first of the two."
    " (nginx 1.22.1 and 1.31.3.)",
    mend="Make one server of the two, or give this one another name or listener.",
    bad="""\
server {
    listen 8080;
    server_name shop.example;
    root /srv/old;
}
server {
    listen 8080;
    server_name shop.example;
    root /srv/new;
}
""",
    good="""\
server {
    listen 8080;
    server_name shop.example;
    root /srv/old;
}
server {
    listen 8080;
    server_name new.shop.example;
    root /srv/new;
}
""",
    check=_check,
    directives=frozenset({"server"}),
)
