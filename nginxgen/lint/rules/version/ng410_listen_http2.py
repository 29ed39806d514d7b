"""NG410: HTTP/2 asked for on the listen line, where newer nginx has a directive for it."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.conf.version import Version
from nginxgen.diagnostic import Edit, Severity
from nginxgen.foreign import Node
from nginxgen.lint.definitions import is_complete
from nginxgen.lint.edits import behind, without_word
from nginxgen.lint.rule import Finding, Rule, Subject

_SINCE = Version(1, 25, 1)


def _check(subject: Subject) -> Iterator[Finding]:
    has_directive = subject.target.since(_SINCE)
    asking = {one: one.args.index("http2") + 1 for one in subject.configuration.named("listen") if "http2" in one.args}
    is_safe = has_directive and is_complete(subject.configuration) and _is_everywhere(subject)
    mended: set[Node | None] = set()
    for node, at in asking.items():
        fix: tuple[Edit, ...] = ()
        if is_safe:
            fix = (without_word(node, at),)
            if node.parent not in mended:
                fix += (behind(node, "http2 on;"),)
                mended.add(node.parent)
        message = f"listen {node.args[0]} asks for http2 in a way that is deprecated since nginx {_SINCE}"
        help = 'write "http2 on;" beside it, without http2 on the listen line' if has_directive else None
        yield Finding(message, node.spot(at), help, fix=fix, severity=None if has_directive else Severity.NOTE)


def _is_everywhere(subject: Subject) -> bool:
    """Whether every listener that could notice has http2: the old form holds for a socket, the new one for a server."""
    listens = [one for one in subject.configuration.named("listen") if one.context == "server"]
    return all("http2" in one.args for one in listens) and not subject.configuration.named("http2")


RULE = Rule(
    code="NG410",
    name="listen-http2",
    severity=Severity.WARNING,
    title="the old way to ask for HTTP/2",
    why="The parameter turns HTTP/2 on for every server of that address; nginx warns at each start since 1.25.1, which"
    " has the directive http2 for a single server. Before, only the parameter is known. (Measured on 1.31.3.)",
    mend='From nginx 1.25.1 on, write "http2 on;" in the server instead.',
    bad="""\
server {
    listen 8443 ssl http2;
    ssl_certificate shop.pem;
    ssl_certificate_key shop.key;
}
""",
    good="""\
server {
    listen 8443 ssl;
    http2 on;
    ssl_certificate shop.pem;
    ssl_certificate_key shop.key;
}
""",
    check=_check,
    directives=frozenset({"listen"}),
    since=_SINCE,
)
