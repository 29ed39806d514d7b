"""NG140: an alias without the slash at its end that its location has."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import location
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in


def _check(subject: Subject) -> Iterator[Finding]:
    for alias in subject.configuration.named("alias"):
        found = location(alias.parent)
        if found is None or not found.is_prefix or len(alias.args) != 1 or not found.path.endswith("/"):
            continue
        path = alias.args[0]
        if not path.endswith("/") and "$" not in path and not is_filled_in(path):
            message = f"{found.path}x is looked for as {path}x, since the alias does not end with a slash"
            also = ((found.node.spot(found.word), f"this is replaced by {path}"),)
            yield Finding(message, alias.spot(1), f"write alias {path}/;", also)


RULE = Rule(
    code="NG140",
    name="alias-without-slash",
    severity=Severity.ERROR,
    title="an alias that lacks the slash at its end",
    why="nginx puts the alias in the place of the location's prefix, letter by letter: location /i/ and alias /data/i"
    " make /data/ix, and a 404. (Seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="End both the location and the alias with a slash.",
    bad="""\
location /i/ {
    alias /data/i;
}
""",
    good="""\
location /i/ {
    alias /data/i/;
}
""",
    check=_check,
    directives=frozenset({"alias"}),
)
