"""NG229: what a location guards is answered by another location, whose pattern matches it too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.access import guards, own_guards
from nginxgen.lint.locations import Location, siblings
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import PASSES

_ENDING = re.compile(r"\\\.(?:\(\??:?)?(?P<name>\w+)")
_OUTER = ("internal", "valid_referers", "secure_link")


def _check(subject: Subject) -> Iterator[Finding]:
    for level in subject.configuration.blocks("server", "location"):
        places = siblings(level)
        guarded = [one for one in places if one.modifier == "" and one.path != "/" and _guard(one) is not None]
        for place in guarded:
            inside = {one.path for one in siblings(place.node) if one.is_regex}
            passing = (one for one in places if one.is_regex and one.path not in inside and _answers(one))
            found = next(((one, path) for one in passing if (path := _reached(place, one))), None)
            if found is not None and not guards(found[0].node):
                yield _finding(place, *found)


def _finding(place: Location, passing: Location, path: str) -> Finding:
    guard = _guard(place)
    assert guard is not None
    message = f"{path} is answered by location {passing.modifier} {passing.path}, where {guard.name} does not hold"
    also = ((passing.node.spot(passing.word), "is asked first"),)
    return Finding(message, place.node.spot(place.word), f"write location ^~ {place.path}", also)


def _guard(place: Location) -> Node | None:
    return next((one for one in own_guards(place.node) if one.name not in (*_OUTER, "allow")), None)


def _answers(place: Location) -> bool:
    """Whether a location gives something away: a backend's answer, or a file."""
    names = {one.name for one in place.node.children or ()}
    return (
        place.node.is_whole
        and not {"return", "deny", "internal"} & names
        and (not names.isdisjoint(PASSES) or not names.isdisjoint({"expires", "access_log", "add_header", "try_files"}))
    )


def _reached(place: Location, passing: Location) -> str | None:
    """A path below one location that is the other's, if the pattern is about endings; None when that is not known."""
    ending = _ENDING.search(passing.path)
    if ending is None or passing.path.startswith(("^", "(?")):
        return None
    path = f"{place.path.rstrip('/')}/x.{ending['name']}"
    try:
        return path if re.search(passing.path, path, re.IGNORECASE if passing.modifier == "~*" else 0) else None
    except re.error:
        return None


RULE = Rule(
    code="NG229",
    name="guard-passed-by",
    severity=Severity.WARNING,
    title="a guard that a pattern passes by",
    why="A location with a regular expression is chosen before one with a path: what the path's location denies holds"
    " for /admin/, and not for /admin/x.php. (ngx_http_core_module: location; seen on nginx 1.22.1 and 1.31.3.)",
    mend="Write ^~ before the path, and what its scripts need into that location; or guard both.",
    bad="""\
server {
    location /admin/ {
        deny all;
    }
    location ~ \\.php$ {
        try_files $uri =404;
        fastcgi_pass 127.0.0.1:9000;
    }
}
""",
    good="""\
server {
    location ^~ /admin/ {
        deny all;
    }
    location ~ \\.php$ {
        try_files $uri =404;
        fastcgi_pass 127.0.0.1:9000;
    }
}
""",
    check=_check,
    directives=frozenset({"deny", "auth_basic", "auth_request"}),
)
