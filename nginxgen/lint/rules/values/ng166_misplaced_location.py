"""NG166: a location inside another one that no request of that reaches, which nginx refuses."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("location"):
        outer = node.parent
        if outer is None or outer.name != "location" or not node.args or not outer.args:
            continue
        inside, outside = node.args[-1], outer.args[-1]
        if is_filled_in(inside) or is_filled_in(outside):
            continue
        if (what := _fault(node, outer)) is not None:
            yield Finding(
                f"location {inside}: {what}", node.spot(len(node.args)), also=((outer.spot(), "stands around it"),)
            )


def _fault(node: Node, outer: Node) -> str | None:
    """What ngx_http_core_location has against it."""
    inside, outside = node.args[-1], outer.args[-1]
    if inside.startswith("@"):
        return "one with a name stands in the server itself"
    if outside.startswith("@"):
        return f"nothing stands inside {outside}, which has a name"
    if outer.args[0] == "=":
        return f"nothing stands inside = {outside}, which is one path"
    if node.args[0] not in ("~", "~*") and not inside.startswith(outside):
        return f"it does not begin with {outside}"
    return None


RULE = Rule(
    code="NG166",
    name="misplaced-location",
    severity=Severity.ERROR,
    title="a location where it cannot stand",
    why="A location inside another is looked for among the requests of that: it has to begin with the same path. None"
    ' stands inside one with "=" or a name. nginx refuses it: "is outside location". (ngx_http_core_location.)',
    mend="Move it out into the server, or let it begin with the outer one's path.",
    bad="""\
server {
    listen 8080;
    location /shop/ {
        location /cart/ {
            return 204;
        }
    }
}
""",
    good="""\
server {
    listen 8080;
    location /shop/ {
        location /shop/cart/ {
            return 204;
        }
    }
}
""",
    check=_check,
    directives=frozenset({"location"}),
    is_refused=True,
)
