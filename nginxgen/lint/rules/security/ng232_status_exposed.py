"""NG232: a page about nginx itself that everybody can read."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.access import is_open
from nginxgen.lint.locations import server_around
from nginxgen.lint.rule import Finding, Rule, Subject

_PAGES = ("stub_status", "vhost_traffic_status_display", "check_status", "upstream_show", "req_status_show")
_OWN_MACHINE = ("127.", "[::1]", "localhost", "unix:")


def _check(subject: Subject) -> Iterator[Finding]:
    for name in _PAGES:
        for node in subject.configuration.named(name):
            if node.parent is not None and is_open(node.parent) and not _is_local(server_around(node)):
                help = "write allow 127.0.0.1; and deny all; beside it"
                yield Finding(f"everybody can read what {name} tells", node.spot(0), help)


def _is_local(server: Node | None) -> bool:
    """Whether a server is reached from its own machine only; or that is not known."""
    listens = [one for one in server.all("listen") if one.args] if server is not None else []
    return server is None or (bool(listens) and all(one.args[0].startswith(_OWN_MACHINE) for one in listens))


RULE = Rule(
    code="NG232",
    name="status-exposed",
    severity=Severity.WARNING,
    title="a status page for everybody",
    why="It tells strangers how busy the site is, and when their attack works; other modules' pages name backends and"
    " hosts too. (ngx_http_stub_status_module.)",
    mend="Allow the addresses that watch it, then deny all; or listen on 127.0.0.1 for it.",
    bad="""\
server {
    listen 80;
    location /status {
        stub_status;
    }
}
""",
    good="""\
server {
    listen 80;
    location /status {
        stub_status;
        allow 127.0.0.1;
        deny all;
    }
}
""",
    check=_check,
    directives=frozenset(_PAGES),
)
