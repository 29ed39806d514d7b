"""NG249: a refusal that waits for a value which its map never gives."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import Variables, condition

_REFUSALS = (("401",), ("403",), ("404",), ("444",))


def _check(subject: Subject) -> Iterator[Finding]:
    variables = Variables(subject.configuration)
    for node in subject.configuration.named("if"):
        asked = condition(node)
        if asked is None or asked.operator != "=" or not any(map(_refuses, node.children or ())):
            continue
        value = asked.right
        made = variables.map_of(asked.left.lstrip("$").lower())
        if len(made) == 1 and value and "$" not in value and not _gives(made[0], value):
            message = (
                f"nobody is refused here, since {made[0].name} never gives {value}: what it does not list is empty"
            )
            yield Finding(message, asked.where, f"write default {value}; there", ((made[0].spot(), "has no default"),))


def _refuses(node: Node) -> bool:
    return node.name == "return" and node.args[:1] in _REFUSALS


def _gives(made: Node, value: str) -> bool:
    entries = made.children or []
    if made.name == "split_clients" or not made.is_whole or any(one.name in ("default", "include") for one in entries):
        return True
    return any(one.args and (one.args[-1] == value or "$" in one.args[-1]) for one in entries)


RULE = Rule(
    code="NG249",
    name="value-never-given",
    severity=Severity.ERROR,
    title="a refusal that never happens",
    why="A map or geo without default gives an empty text to what it does not list, which is not 0 or no: strangers"
    " come in. (ngx_http_map_module, ngx_http_geo_module; seen on nginx 1.22.1 and 1.31.3.)",
    mend="Write a default in the map.",
    bad="""\
http {
    geo $is_ours {
        192.0.2.0/24 1;
    }
    server {
        if ($is_ours = 0) {
            return 403;
        }
    }
}
""",
    good="""\
http {
    geo $is_ours {
        default 0;
        192.0.2.0/24 1;
    }
    server {
        if ($is_ours = 0) {
            return 403;
        }
    }
}
""",
    check=_check,
    directives=frozenset({"map", "geo"}),
)
