"""NG109: a slash at the end of the location or of proxy_pass, and not of the other."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.locations import location
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes


def _check(subject: Subject) -> Iterator[Finding]:
    for node, to in passes(subject.configuration, "proxy_pass"):
        found = location(node.parent)
        if found is None or not found.is_prefix or to.uri is None or to.has_variables or _rewrites(found.node):
            continue
        if not found.path.startswith("/") or "?" in to.uri or found.path.endswith("/") == to.uri.endswith("/"):
            continue
        if to.uri.endswith("/") and to.uri != "/":
            continue  # which can be left, and NG202 says so
        asked = found.path.removesuffix("/") + "/x"
        message = f"{asked} is asked of the backend as {to.uri}{asked.removeprefix(found.path)}"
        if to.uri.endswith("/"):
            help = f"write location {found.path}/, or take the slash at the end from {to.text}"
        else:
            help = f"write {to.text}/, so that both end with a slash"
        yield Finding(message, node.spot(1), help, ((found.node.spot(found.word), f"this is replaced by {to.uri}"),))


def _rewrites(level: Node) -> bool:
    """Whether a rewrite may have chosen the path, which nginx then asks for as it is."""
    return any("break" in one.args for one in level.all("rewrite"))


RULE = Rule(
    code="NG109",
    name="slash-mismatch",
    severity=Severity.WARNING,
    title="a slash too much or too few for the backend",
    why="nginx cuts the location's prefix off and puts the path of proxy_pass in its place, letter by letter: /api/ and"
    " /v1 make /v1x of /api/x, and /api and / make //x of it. (Seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="End both the location and the path of proxy_pass with a slash, or neither.",
    bad="""\
location /api/ {
    proxy_pass http://127.0.0.1:8080/v1;
}
""",
    good="""\
location /api/ {
    proxy_pass http://127.0.0.1:8080/v1/;
}
""",
    check=_check,
    directives=frozenset({"proxy_pass"}),
)
