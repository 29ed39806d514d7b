"""NG113: a location that is never asked, because a regular expression before it takes all its requests."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import Location, locations, siblings
from nginxgen.lint.regexes import begins_with, endings, matches_all, takes_all_below
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    levels = dict.fromkeys(one.node.parent for one in locations(subject.configuration) if one.is_regex)
    for level in levels:
        if level is not None:
            beside = siblings(level)
            for at, one in enumerate(beside):
                if (taker := _taker(one, beside[:at], beside)) is not None:
                    yield _finding(one, taker)


def _taker(one: Location, before: list[Location], beside: list[Location]) -> Location | None:
    """The regular expression that takes every request of a location."""
    if one.is_regex:
        earlier = (other for other in before if other.is_regex)
        return next((other for other in earlier if matches_all(other.path) or _takes(other, one)), None)
    if one.modifier == "" and one.path.startswith("/") and not one.node.all("location"):
        patterns = (other for other in beside if other.is_regex)
        return next((other for other in patterns if matches_all(other.path) or _takes_below(other, one.path)), None)
    return None


def _takes(other: Location, one: Location) -> bool:
    """Whether a regular expression matches whatever another one does."""
    if other.modifier not in (one.modifier, "~*"):
        return False
    if other.path == one.path or _takes_below(other, begins_with(one.path)):
        return True
    taken, asked = endings(other.path), endings(one.path)
    if taken is None or asked is None:
        return False
    return asked <= taken or (
        other.modifier == "~*" and {each.lower() for each in asked} <= {each.lower() for each in taken}
    )


def _takes_below(other: Location, beginning: str) -> bool:
    below = takes_all_below(other.path)
    if below is None:
        return False
    if other.modifier == "~*":
        below, beginning = below.lower(), beginning.lower()
    return beginning.startswith(below)


def _finding(one: Location, taker: Location) -> Finding:
    modifier = f"{taker.modifier} {taker.path}"
    message = f"no request reaches this location: {modifier} takes them all"
    is_prefix = not one.is_regex
    help = f"write ^~ {one.path} so that it goes before regular expressions" if is_prefix else "move it before that one"
    if one.path == taker.path:
        help = "make one location of the two"
    elif is_prefix and matches_all(taker.path) and one.path == "/":
        help = "take one of the two out"
    return Finding(message, one.node.spot(one.word), help, ((taker.node.spot(taker.word), "takes them"),))


RULE = Rule(
    code="NG113",
    name="location-shadowed",
    severity=Severity.WARNING,
    title="a location that no request reaches",
    why="nginx takes the first regular expression that matches, in the order of the file, and only without one the"
    " longest prefix: behind one that matches everything nothing else is asked. (ngx_http_core_module: location.)",
    mend="Put the narrower regular expression first, or write the wide one as location /.",
    bad="""\
server {
    location ~ .* {
        proxy_pass http://127.0.0.1:8080;
    }
    location /static/ {
        root /srv;
    }
}
""",
    good="""\
server {
    location / {
        proxy_pass http://127.0.0.1:8080;
    }
    location /static/ {
        root /srv;
    }
}
""",
    check=_check,
    directives=frozenset({"location"}),
)
