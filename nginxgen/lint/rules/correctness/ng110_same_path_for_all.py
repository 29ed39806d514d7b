"""NG110: a proxy_pass with variables whose path stands for every request."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import Location, location_around
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes


def _check(subject: Subject) -> Iterator[Finding]:
    asked_inside = {one.args[0] for name in ("auth_request", "mirror") for one in subject.configuration.named(name)}
    for node, to in passes(subject.configuration, "proxy_pass"):
        if "$" not in to.authority or to.uri is None or "$" in to.uri or "{" in to.text:
            continue
        found = location_around(node)
        if found is None or found.path in asked_inside or _is_for_one_path(found, to.uri):
            continue
        example = found.path if found.is_prefix else "/"
        message = f"every request here asks the backend for {to.uri}, since there is a variable in the address"
        help = f"take {to.uri} away to send the request's own path, or name it: {to.text.removesuffix(to.uri)}"
        help += f"$request_uri sends {example} and what stands behind it"
        yield Finding(message, node.spot(1), help)


def _is_for_one_path(found: Location, uri: str) -> bool:
    """Whether all requests of a location are for the same, so that one path is what is meant."""
    if found.modifier == "=" or found.is_named or found.node.all("internal"):
        return True
    if found.is_regex:
        return uri.strip("/") in found.path.replace("\\", "") if uri != "/" else False
    is_one_file = not found.path.endswith("/") and "." in uri.rpartition("/")[2]
    return is_one_file or (found.path == uri and not uri.endswith("/"))


RULE = Rule(
    code="NG110",
    name="same-path-for-all",
    severity=Severity.WARNING,
    title="one path at the backend for all requests",
    why="With a variable in its address, proxy_pass replaces nothing: the path behind it is sent as it stands, so that"
    " /v1/ is asked for whatever a client wants. (ngx_http_proxy_module; seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Leave the path away, and change it by a rewrite with break before the proxy_pass if it must change.",
    bad="""\
location /api/ {
    set $backend 127.0.0.1:8080;
    proxy_pass http://$backend/v1/;
}
""",
    good="""\
location /api/ {
    set $backend 127.0.0.1:8080;
    rewrite ^/api/(.*) /v1/$1 break;
    proxy_pass http://$backend;
}
""",
    check=_check,
    directives=frozenset({"proxy_pass"}),
)
