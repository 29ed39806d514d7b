"""NG202: a proxy_pass whose path can be left, because its location lacks the slash at the end."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import location_around
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes


def _check(subject: Subject) -> Iterator[Finding]:
    for node, url in passes(subject.configuration, "proxy_pass"):
        place = location_around(node)
        if place is None or not place.is_prefix or place.path.endswith("/") or url.has_variables:
            continue
        if url.uri is not None and url.uri.endswith("/") and url.uri != "/":
            message = (
                f"{place.path}../ leads out of {url.uri} of the backend, since the location has no slash at its end"
            )
            help = f"write location {place.path}/"
            yield Finding(message, place.node.spot(place.word), help, ((node.spot(1), "ends with one"),))


RULE = Rule(
    code="NG202",
    name="path-escape",
    severity=Severity.WARNING,
    title="a proxy_pass whose path can be left",
    why="With location /api and proxy_pass http://backend/v1/, the backend is asked for /v1/../x when somebody asks for"
    " /api../x: it answers with what lies beside /v1/. (Seen on the wire of nginx 1.22.1 and 1.31.3.)",
    mend="End both the location and the path of proxy_pass with a slash.",
    bad="""\
server {
    location /api {
        proxy_pass http://127.0.0.1:8080/v1/;
    }
}
""",
    good="""\
server {
    location /api/ {
        proxy_pass http://127.0.0.1:8080/v1/;
    }
}
""",
    check=_check,
    directives=frozenset({"proxy_pass"}),
)
