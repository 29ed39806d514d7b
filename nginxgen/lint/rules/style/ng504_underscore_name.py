"""NG504: server_name _ taken for a wildcard."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject

_DEFAULT = frozenset({"default_server", "default"})


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("server_name"):
        server = node.parent
        if server is None or server.name != "server" or node.args != ("_",) or not server.is_whole:
            continue
        if len(server.all("server_name")) > 1:
            continue
        listens = server.all("listen")
        if any(not _DEFAULT.isdisjoint(one.args) for one in listens):
            continue
        if (rival := _earlier(server, {_address(one) for one in listens} or {"80"})) is not None:
            message = "_ is a name like any other: the server of another name answers before this one"
            yield Finding(message, node.spot(1), None, ((rival.spot(0), "is the default server of that address"),))


def _earlier(server: Node, addresses: set[str]) -> Node | None:
    """The server before it that answers whatever has no server of its own, on one of its addresses."""
    around = server.parent
    assert around is not None
    for one in around.all("server"):
        if one is server:
            return None
        if one.is_whole and ({_address(listen) for listen in one.all("listen")} or {"80"}) & addresses:
            return one
    return None


def _address(listen: Node) -> str:
    return listen.args[0].removeprefix("*:") if listen.args else ""


RULE = Rule(
    code="NG504",
    name="underscore-name",
    severity=Severity.NOTE,
    title="an underscore taken for a wildcard",
    why="server_name _ matches no request. A server answers to every other name because it is the default server of its"
    " address: the one that says so, else the first. (ngx_http_core_module.)",
    mend="Write default_server on its listen line.",
    bad="""\
http {
    server {
        listen 8080;
        server_name shop.example.org;
    }
    server {
        listen 8080;
        server_name _;
    }
}
""",
    good="""\
http {
    server {
        listen 8080;
        server_name shop.example.org;
    }
    server {
        listen 8080 default_server;
        server_name _;
    }
}
""",
    check=_check,
    directives=frozenset({"server_name"}),
)
