"""NG170: sockets that are said twice, with something that may be said once."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.listeners import http_servers, is_default, socket_of
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in

_OF_THE_SOCKET = ("bind", "deferred", "reuseport")
_SET_OF_THE_SOCKET = ("setfib", "fastopen", "backlog", "rcvbuf", "sndbuf", "accept_filter", "ipv6only", "so_keepalive")


def _check(subject: Subject) -> Iterator[Finding]:
    defaults: dict[tuple[Node, str], Node] = {}
    options: dict[tuple[Node, str], Node] = {}
    for server in http_servers(subject.configuration):
        own: dict[str, Node] = {}
        if server.root.inner != "main":
            continue  # files of a folder need not be read by one nginx
        for node in server.all("listen"):
            if not node.args or "$" in node.args[0] or any(map(is_filled_in, node.args)):
                continue
            socket = socket_of(node.args[0]) + (" (QUIC)" if "quic" in node.args else "")
            if (earlier := own.setdefault(socket, node)) is not node:
                yield _twice(f"this server listens on {socket} already", node, earlier)
                continue
            place = server.root, socket
            if is_default(node) and (earlier := defaults.setdefault(place, node)) is not node:
                yield _twice(f"{socket} has a default server already", node, earlier)
            if _has_options(node) and (earlier := options.setdefault(place, node)) is not node:
                yield _twice(f"the options of {socket} are said already", node, earlier)


def _twice(what: str, node: Node, earlier: Node) -> Finding:
    place = f"on line {earlier.line}" + ("" if earlier.file is node.file else f" of {earlier.file.name}")
    return Finding(f"{what}, {place}", node.spot(), None, ((earlier.spot(), "the first one"),))


def _has_options(node: Node) -> bool:
    return any(one in _OF_THE_SOCKET or one.partition("=")[0] in _SET_OF_THE_SOCKET for one in node.args[1:])


RULE = Rule(
    code="NG170",
    name="listens-twice",
    severity=Severity.ERROR,
    title="a socket that is said twice",
    why="A server names a socket once; of all servers on it one is the default, and one says its options, such as"
    ' backlog or reuseport. nginx refuses the second: "a duplicate default server", "duplicate listen options".'
    " (ngx_http_add_listen; both binaries.)",
    mend="Say it in one place.",
    bad="""\
events {}
http {
    server {
        listen 8080 default_server;
        server_name a.example.org;
    }
    server {
        listen 8080 default_server;
        server_name b.example.org;
    }
}
""",
    good="""\
events {}
http {
    server {
        listen 8080 default_server;
        server_name a.example.org;
    }
    server {
        listen 8080;
        server_name b.example.org;
    }
}
""",
    check=_check,
    directives=frozenset({"listen"}),
    is_refused=True,
)
