"""NG148: a path put together of captures, without the arguments of the request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import location_around
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes

_CAPTURE = re.compile(r"\$(?:[1-9]|\{[1-9]\})")
_HAS_ARGUMENTS = re.compile(r"\?|\$\{?(?:is_args|args|query_string|request_uri)\b")


def _check(subject: Subject) -> Iterator[Finding]:
    for node, to in passes(subject.configuration, "proxy_pass"):
        found = location_around(node)
        if found is None or not found.is_regex or to.uri is None or node.parent is not found.node:
            continue
        if (
            _CAPTURE.search(to.uri)
            and not _HAS_ARGUMENTS.search(to.uri)
            and not any(map(found.node.all, ("rewrite", "internal")))
        ):
            message = f"what stands behind a ? in a request is not sent to the backend: {to.uri} holds the path alone"
            help = f"write {to.text}$is_args$args, or better a rewrite with break before a proxy_pass without a path"
            yield Finding(message, node.spot(1), help)


RULE = Rule(
    code="NG148",
    name="arguments-lost",
    severity=Severity.WARNING,
    title="arguments that the backend does not get",
    why="A proxy_pass with variables sends its path as it stands: $1 holds no arguments, and is decoded besides, so"
    " that a blank in it breaks the request. A rewrite keeps the arguments and encodes the path again. (Seen on the"
    " wire, nginx 1.22.1 and 1.31.3.)",
    mend="Change the path by a rewrite with break, and write proxy_pass without one.",
    bad="""\
location ~ ^/shop/(.*)$ {
    proxy_pass http://127.0.0.1:8080/$1;
}
""",
    good="""\
location ~ ^/shop/ {
    rewrite ^/shop/(.*)$ /$1 break;
    proxy_pass http://127.0.0.1:8080;
}
""",
    check=_check,
    directives=frozenset({"proxy_pass"}),
)
