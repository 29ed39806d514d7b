"""NG152: a port that no machine has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_PASSES = ("proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass")
_HIGHEST = 65535
_PORT = re.compile(r"(?:^|[^:\[]*:|.*\]:)([0-9]+)(?:-([0-9]+))?$")
_OF_URL = re.compile(r"(?:[a-z]+://)?(?:\[[^\]]*\]|[^:/\[\]]+):([0-9]+)(?=/|$)()")


def _check(subject: Subject) -> Iterator[Finding]:
    for name in ("listen", "server", *_PASSES):
        for node in subject.configuration.named(name):
            if not node.args or node.children is not None or "$" in node.args[0] or node.args[0].startswith("unix:"):
                continue
            found = (_OF_URL if name in _PASSES else _PORT).match(node.args[0])
            for port in filter(None, found.groups() if found else ()):
                if not 0 < int(port) <= _HIGHEST:
                    yield Finding(f"{port} is no port", node.spot(1))


RULE = Rule(
    code="NG152",
    name="impossible-port",
    severity=Severity.ERROR,
    title="a port that does not exist",
    why='Ports are 1 to 65535; nginx refuses the configuration with "invalid port".',
    mend="Write a port from 1 to 65535.",
    bad="""\
server {
    listen 80800;
}
""",
    good="""\
server {
    listen 8080;
}
""",
    check=_check,
    directives=frozenset({"listen", "server", *_PASSES}),
    is_refused=True,
)
