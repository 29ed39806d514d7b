"""NG201: an alias whose folder can be left, because its location lacks the slash at the end."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import PASSES


def _check(subject: Subject) -> Iterator[Finding]:
    for alias in subject.configuration.named("alias"):
        location = alias.parent
        if (
            location is None
            or any(map(location.all, PASSES))
            or location.name != "location"
            or not location.args
            or not alias.args
        ):
            continue
        modifier, path = ("", *location.args)[-2:]
        if modifier not in ("", "^~") or path.startswith(("=", "~", "@")) or path.endswith("/"):
            continue
        if alias.args[0].endswith("/"):
            at = len(location.args)
            message = f"{path}../ leads out of {alias.args[0]}, since the location does not end with a slash"
            help = f"write location {path}/, or take the slash from the alias"
            yield Finding(message, location.spot(at), help, ((alias.spot(1), "ends with one"),))


RULE = Rule(
    code="NG201",
    name="alias-traversal",
    severity=Severity.ERROR,
    title="an alias that can be left",
    why="With location /i and alias /data/i/, nginx reads /data/i/../x for a request of /i../x: everything beside the"
    " folder is served. (Reproduced on nginx 1.22.1 and 1.31.3.)",
    mend="End both the location and the alias with a slash, or neither.",
    bad="""\
server {
    location /i {
        alias /data/i/;
    }
}
""",
    good="""\
server {
    location /i/ {
        alias /data/i/;
    }
}
""",
    check=_check,
    directives=frozenset({"alias"}),
)
