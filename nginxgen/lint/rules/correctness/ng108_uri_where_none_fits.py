"""NG108: a path behind the backend's address where there is no prefix that it could replace."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.locations import location
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes


def _check(subject: Subject) -> Iterator[Finding]:
    for node, to in passes(subject.configuration, "proxy_pass"):
        if to.uri is None or to.has_variables or node.parent is None:
            continue
        if place := _place(node.parent):
            message = f"nginx refuses {to.uri} behind the address in {place}: there is no prefix that it could replace"
            bare = to.text.removesuffix(to.uri)
            yield Finding(message, node.spot(1), f"write {bare}, with a rewrite before it if the path is to change")


def _place(level: Node) -> str | None:
    if level.name in ("if", "limit_except"):
        return level.name
    found = location(level)
    if found is not None and found.is_regex:
        return "a location with a regular expression"
    return "a named location" if found is not None and found.is_named else None


RULE = Rule(
    code="NG108",
    name="uri-where-none-fits",
    severity=Severity.ERROR,
    title="a path in proxy_pass where there is no prefix",
    why="nginx puts the path of proxy_pass in the place of the location's prefix. Regular expressions, names, if and"
    " limit_except have none, and it refuses the file. (ngx_http_proxy_module; nginx 1.22.1 and 1.31.3.)",
    mend="Take the path away, and change it by a rewrite with break before the proxy_pass.",
    bad="""\
location ~ ^/v[12]/ {
    proxy_pass http://127.0.0.1:8080/api/;
}
""",
    good="""\
location ~ ^/v[12]/ {
    rewrite ^/v[12]/(.*) /api/$1 break;
    proxy_pass http://127.0.0.1:8080;
}
""",
    check=_check,
    directives=frozenset({"proxy_pass"}),
    is_refused=True,
)
