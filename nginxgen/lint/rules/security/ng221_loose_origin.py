"""NG221: a pattern for origins or referers that other sites' names match."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity, Spot
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import condition, names_in

_SENT = ("http_origin", "http_referer")
_GROUP = re.compile(r"\((?:\?:)?([^()|]*)(?:\|[^()]*)*\)")
_SITE = re.compile(r"[a-z0-9-]+(?:\\?\.[a-z0-9-]+)+|localhost", re.IGNORECASE)


def _check(subject: Subject) -> Iterator[Finding]:
    for pattern, name, where in _patterns(subject):
        stranger = _stranger(pattern, "") or _stranger(pattern, "/")
        if stranger is not None:
            end = "(:[0-9]+)?$" if name == "http_origin" else "(:[0-9]+)?(/|$)"
            help = f"begin with ^https?://, end with {end}, and write a backslash before each dot"
            yield Finding(f"{pattern} lets in {stranger}", where, help)


def _stranger(pattern: str, end: str) -> str | None:
    """Another site that a pattern matches, which speaks of one site; None when there is none, or that is not known."""
    try:
        made = re.compile(pattern.replace("(?<", "(?P<"), re.IGNORECASE)
    except re.error:
        return None
    plain = _GROUP.sub(r"\1", _GROUP.sub(r"\1", pattern))
    site = _SITE.search(re.sub(r"\^?https?\??:?(?:\\?/){2}", "", plain))
    if site is None:
        return None
    name = site[0].replace("\\", "").lower()
    meant = next((one for one in (name, f"www.{name}") if made.search(f"https://{one}{end}")), None)
    if meant is None:
        return None
    others = (f"{meant}.evil.example", f"evil{name}", meant.replace(".", "x", 1))
    found = (f"https://{one}{end}" for one in others if one != meant)
    return next((one for one in found if made.search(one)), None)


def _patterns(subject: Subject) -> Iterator[tuple[str, str, Spot]]:
    """Regular expressions that are compared with what a browser says of where it comes from."""
    for node in subject.configuration.named("if"):
        asked = condition(node)
        names = names_in(asked.left) if asked is not None and asked.operator in ("~", "~*", "!~", "!~*") else []
        if asked is not None and len(names) == 1 and names[0] in _SENT:
            yield asked.right, names[0], asked.where
    for made in subject.configuration.named("map"):
        names = names_in(made.args[0]) if len(made.args) == 2 else []
        if len(names) == 1 and names[0] in _SENT:
            for entry in made.children or ():
                if entry.name.startswith("~") and entry.args and entry.args[0] not in ("", "0"):
                    yield entry.name.lstrip("~*"), names[0], entry.spot(0)


RULE = Rule(
    code="NG221",
    name="loose-origin",
    severity=Severity.WARNING,
    title="a pattern for origins that other sites match",
    why="A pattern matches anywhere unless ^ and $ hold it: https://shop.example.evil.example holds shop.example, and"
    " anybody can own that name. (ngx_http_rewrite_module; seen on nginx 1.22.1 and 1.31.3.)",
    mend="Hold the pattern with ^ and $, and write each dot with a backslash before it.",
    bad="""\
location / {
    if ($http_origin ~ ^https://shop\\.example) {
        add_header Access-Control-Allow-Origin $http_origin;
    }
}
""",
    good="""\
location / {
    if ($http_origin ~ ^https://shop\\.example$) {
        add_header Access-Control-Allow-Origin $http_origin;
    }
}
""",
    check=_check,
    directives=frozenset({"if", "map"}),
)
