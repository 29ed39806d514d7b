"""NG142: a redirect to $server_name of a server whose first name is none that a browser could ask for."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.listeners import names
from nginxgen.lint.locations import server_around
from nginxgen.lint.rule import Finding, Rule, Subject

_FORMS = ("://$server_name", "://${server_name}")


def _check(subject: Subject) -> Iterator[Finding]:
    for directive in ("return", "rewrite"):
        for one in subject.configuration.named(directive):
            at = next((at for at, word in enumerate(one.args, 1) if any(form in word for form in _FORMS)), None)
            server = server_around(one)
            if at is None or server is None or not server.is_whole:
                continue
            called = names(server)
            name, where = (called[0][0], called[0][1]) if called else ("", server)
            if not name or name == "_" or "*" in name or name.startswith("~"):
                what = f"is {name} here" if name else "is empty here"
                also = ((where.spot(1), "its first name"),) if called else ()
                yield Finding(
                    f"$server_name {what}, so that browsers are sent to {_sent(name)}", one.spot(at), None, also
                )


def _sent(name: str) -> str:
    return f"https://{name}/" if name else "an address without a host"


RULE = Rule(
    code="NG142",
    name="redirect-to-no-name",
    severity=Severity.ERROR,
    title="a redirect to a name that is none",
    why="$server_name is the first name of the server as it stands in the file, whatever was asked for: _, *.example or"
    " a regular expression lead nowhere. (Seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Write $host, in a server whose names are all known, or the name itself.",
    bad="""\
server {
    listen 8080;
    server_name _;
    location / {
        return 301 https://$server_name$request_uri;
    }
}
""",
    good="""\
server {
    listen 8080;
    server_name shop.example;
    location / {
        return 301 https://$server_name$request_uri;
    }
}
""",
    check=_check,
    directives=frozenset({"return", "rewrite"}),
)
