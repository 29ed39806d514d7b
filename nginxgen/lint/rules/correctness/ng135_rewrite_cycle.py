"""NG135: a rewrite to a path that comes back to it, until nginx gives up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import Location, location, siblings
from nginxgen.lint.regexes import matches_all
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for one in subject.configuration.named("rewrite"):
        found = location(one.parent)
        if found is None or not found.is_prefix or len(one.args) < 2 or not _looks_again(one.args[2:]):
            continue
        target = re.split(r"[$?]", one.args[1])[0]
        if target.startswith(found.path) and matches_all(one.args[0]) and not _leads_elsewhere(found, target):
            message = f"{one.args[1]} comes back to this location, again and again, until nginx answers with a 500"
            yield Finding(message, one.spot(2), "write break instead of last to stay here with the new path")


def _looks_again(flags: tuple[str, ...]) -> bool:
    return flags in ((), ("last",))


def _leads_elsewhere(found: Location, target: str) -> bool:
    """Whether another location may take the path, or something before the rewrite ends the request."""
    level = found.node.parent
    if level is None or not level.is_whole or not found.node.is_whole or found.node.all("location"):
        return True
    if found.node.all("if") or found.node.all("return") or len(found.node.all("rewrite")) > 1:
        return True
    others = (one for one in siblings(level) if one.node is not found.node and not one.is_named)
    return any(one.is_regex or (one.path.startswith(found.path) and one.path != found.path) for one in others)


RULE = Rule(
    code="NG135",
    name="rewrite-cycle",
    severity=Severity.ERROR,
    title="a rewrite that leads back to itself",
    why="After a rewrite with last, or without a flag, nginx looks for the location of the new path. When that is the"
    " same one, the rewrite matches again; after ten rounds it is a 500. (Seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Write break instead of last, or a path that lies in another location.",
    bad="""\
server {
    location /files/ {
        rewrite ^/(.*)$ /files/all/$1 last;
    }
}
""",
    good="""\
server {
    location /files/ {
        rewrite ^/(.*)$ /files/all/$1 break;
    }
}
""",
    check=_check,
    directives=frozenset({"rewrite"}),
)
