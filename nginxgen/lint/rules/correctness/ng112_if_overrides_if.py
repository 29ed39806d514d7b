"""NG112: settings in an if that are lost when another if behind it holds as well."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.conditions import OF_REWRITE, exclude_each_other, leaves_the_level
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    levels = dict.fromkeys(one.parent for one in subject.configuration.named("if") if one.context == "location")
    for level in levels:
        conditions = level.all("if") if level is not None else []
        for at, one in enumerate(conditions):
            later = next((other for other in conditions[at + 1 :] if not exclude_each_other(one, other)), None)
            setting = _setting(one)
            if later is not None and setting is not None and not leaves_the_level(one):
                message = f"{setting.name} is lost where the if on line {later.line} holds as well"
                yield Finding(message, setting.spot(), None, ((later.spot(), "of two, the last one serves"),))


def _setting(condition: Node) -> Node | None:
    return next((one for one in condition.children or () if one.name not in OF_REWRITE), None)


RULE = Rule(
    code="NG112",
    name="if-overrides-if",
    severity=Severity.WARNING,
    title="settings of an if that a later one takes away",
    why="Each if in a location is a location of its own to nginx, and the last that holds serves the request: what an"
    " earlier one set is not merged into it. (Seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Choose the values by maps, and write the directive once in the location.",
    bad="""\
location / {
    if ($http_origin) {
        add_header X-Cross yes;
    }
    if ($arg_debug) {
        add_header X-Debug yes;
    }
}
""",
    good="""\
location / {
    add_header X-Cross $cross;
    add_header X-Debug $arg_debug;
    set $cross yes;
    if ($http_origin = "") {
        set $cross "";
    }
}
""",
    check=_check,
    directives=frozenset({"if"}),
)
