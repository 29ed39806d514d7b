"""NG115: a location that is there already."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import Location, locations, siblings
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for level in dict.fromkeys(one.node.parent for one in locations(subject.configuration)):
        known: dict[tuple[str, str], Location] = {}
        for one in siblings(level) if level is not None else []:
            if one.is_regex:
                continue
            first = known.setdefault(("prefix" if one.is_prefix else one.modifier, one.path), one)
            if first is not one:
                message = f"location {' '.join(one.node.args)} is there already, on line {first.node.line}"
                yield Finding(message, one.node.spot(one.word), None, ((first.node.spot(first.word), "the first one"),))


RULE = Rule(
    code="NG115",
    name="duplicate-location",
    severity=Severity.ERROR,
    title="the same location twice",
    why="nginx refuses a path or prefix that a block has twice; ^~ makes no other prefix of it."
    " (nginx 1.22.1 and 1.31.3.)",
    mend="Make one location of the two.",
    bad="""\
server {
    location /shop/ {
        root /srv;
    }
    location ^~ /shop/ {
        proxy_pass http://127.0.0.1:8080;
    }
}
""",
    good="""\
server {
    location = /shop/ {
        root /srv;
    }
    location /shop/ {
        proxy_pass http://127.0.0.1:8080;
    }
}
""",
    check=_check,
    directives=frozenset({"location"}),
    is_refused=True,
)
