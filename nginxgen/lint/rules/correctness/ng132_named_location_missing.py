"""NG132: a named location that its server has not got."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import server_around, siblings
from nginxgen.lint.rule import Finding, Rule, Subject

_NAME = re.compile(r"@[A-Za-z0-9_-]+")


def _check(subject: Subject) -> Iterator[Finding]:
    for directive in ("try_files", "error_page"):
        for one in subject.configuration.named(directive):
            server = server_around(one)
            if not one.args or server is None or not server.is_whole or not _NAME.fullmatch(one.args[-1]):
                continue
            names = [found.path for found in siblings(server) if found.is_named]
            if one.args[-1] not in names:
                near = get_close_matches(one.args[-1], names, n=1)
                help = f"did you mean {near[0]}?" if near else f"add location {one.args[-1]} {{ }} to the server"
                message = f"this server has no location {one.args[-1]}, so requests that go there get a 500"
                yield Finding(message, one.spot(len(one.args)), help)


RULE = Rule(
    code="NG132",
    name="named-location-missing",
    severity=Severity.ERROR,
    title="a named location that is not there",
    why="nginx reads such a file without a word and answers with a 500 when a request comes to that point: could not"
    " find named location. Names hold within one server. (Seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Add the named location to the server itself, or mend the name.",
    bad="""\
server {
    location / {
        try_files $uri @backend;
    }
}
""",
    good="""\
server {
    location / {
        try_files $uri @backend;
    }
    location @backend {
        proxy_pass http://127.0.0.1:8080;
    }
}
""",
    check=_check,
    directives=frozenset({"try_files", "error_page"}),
)
