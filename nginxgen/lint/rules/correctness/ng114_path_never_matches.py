"""NG114: a location or rewrite for paths that no request can have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import Location, locations
from nginxgen.lint.regexes import asks_for_arguments, never_matches
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in

_ARGUMENTS = "paths are compared without the arguments of a request, and this asks for some"


def _check(subject: Subject) -> Iterator[Finding]:
    for one in locations(subject.configuration):
        reason = _of_regex(one.path) if one.is_regex else None if one.is_named else _of_path(one)
        if reason and not is_filled_in(one.path):
            yield Finding(f"no request matches {one.path}: {reason}", one.node.spot(one.word), _help(reason))
    for rewrite in subject.configuration.named("rewrite"):
        if rewrite.args and (reason := _of_regex(rewrite.args[0])):
            yield Finding(f"no request matches {rewrite.args[0]}: {reason}", rewrite.spot(1), _help(reason))


def _of_regex(pattern: str) -> str | None:
    return never_matches(pattern) or (_ARGUMENTS if asks_for_arguments(pattern) else None)


def _of_path(one: Location) -> str | None:
    if re.match(r"[a-z0-9*][a-z0-9*./_-]*$", one.path):
        return f'paths begin with "/", and this with "{one.path[0]}"'
    if re.search(r"\?\w+=", one.path):
        return _ARGUMENTS
    escaped = re.search(r"%[0-9A-Fa-f]{2}", one.path)
    return f"paths are compared decoded, and {escaped[0]} stands for a character" if escaped else None


def _help(reason: str) -> str | None:
    if reason == _ARGUMENTS:
        return "write the path alone, and look at $args or $arg_name inside of it"
    return None


RULE = Rule(
    code="NG114",
    name="path-never-matches",
    severity=Severity.WARNING,
    title="a path that no request has",
    why="nginx compares decoded paths that begin with a slash and have lost their arguments; what cannot match such a"
    " path does nothing, and says nothing. (ngx_http_core_module; seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Begin with a slash, and write the characters themselves.",
    bad="""\
location ~ ^static/ {
    root /srv;
}
""",
    good="""\
location ~ ^/static/ {
    root /srv;
}
""",
    check=_check,
    directives=frozenset({"location", "rewrite"}),
)
