"""NG117: servers on one socket of which none is said to be the default, so that the first is."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.listeners import http_servers, is_default, names, sockets
from nginxgen.lint.rule import Finding, Rule, Subject

_MEANT_FOR_ANY = frozenset({"", "_"})


def _check(subject: Subject) -> Iterator[Finding]:
    on: dict[tuple[Node, str], dict[Node, Node]] = {}
    for server in http_servers(subject.configuration):
        around = [server, *server.around()]
        if server.root.inner == "main" and all(one.is_whole for one in around):
            for socket, listen in sockets(server).items():
                on.setdefault((server.root, socket), {})[server] = listen
    for (_, socket), servers in on.items():
        first, listen = next(iter(servers.items()))
        called = [name for name, _, _ in names(first)]
        is_said = any(map(is_default, servers.values())) or not called or not _MEANT_FOR_ANY.isdisjoint(called)
        if len(servers) > 1 and not is_said:
            message = f"requests for any other name on {socket} go to {called[0]}, because it stands first"
            yield Finding(message, listen.spot(1))


RULE = Rule(
    code="NG117",
    name="default-by-accident",
    severity=Severity.NOTE,
    title="a default server by the order of files",
    why="A request whose Host no server has goes to the default server of the socket: the first in the order in which"
    " files are read, when none is named. Scanners and forgotten names then reach a real application."
    " (nginx.org: how nginx processes a request.)",
    mend="Write default_server where it is meant, or a server of its own that returns 444.",
    bad="""\
events {
}
http {
    server {
        listen 8080;
        server_name shop.example;
    }
    server {
        listen 8080;
        server_name blog.example;
    }
}
""",
    good="""\
events {
}
http {
    server {
        listen 8080 default_server;
        return 444;
    }
    server {
        listen 8080;
        server_name shop.example;
    }
    server {
        listen 8080;
        server_name blog.example;
    }
}
""",
    check=_check,
    directives=frozenset({"server"}),
)
