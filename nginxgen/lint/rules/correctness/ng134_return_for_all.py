"""NG134: a server that answers every request before it looks for a location, and has some."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.locations import siblings
from nginxgen.lint.regexes import matches_all
from nginxgen.lint.rule import Finding, Rule, Subject

_REDIRECTS = frozenset({"permanent", "redirect"})


def _check(subject: Subject) -> Iterator[Finding]:
    for server in subject.configuration.blocks("server"):
        if server.context.startswith("stream"):
            continue
        ends = next((one for one in server.children or () if _answers_all(one)), None)
        # Answers of an error_page come from named locations even so.
        dead = next((one for one in siblings(server) if not one.is_named), None)
        if ends is not None and dead is not None:
            message = f"every request ends here, so location {' '.join(dead.node.args)} is never looked at"
            help = f"move it into a location / {{ }} of its own: location / {{ {ends}; }}"
            yield Finding(message, ends.spot(), help, ((dead.node.spot(), "never looked at"),))


def _answers_all(one: Node) -> bool:
    if one.name == "return":
        return True
    is_redirect = one.name == "rewrite" and len(one.args) > 1 and matches_all(one.args[0])
    return is_redirect and (not _REDIRECTS.isdisjoint(one.args) or one.args[1].startswith(("http://", "https://")))


RULE = Rule(
    code="NG134",
    name="return-for-all",
    severity=Severity.WARNING,
    title="locations behind a return of the server",
    why="nginx goes through the server's own return and rewrite before it looks for a location. Beside a redirect to"
    " https, the location for certificates' challenges never answers. (Seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Put the return into location / of the server.",
    bad="""\
server {
    location /.well-known/acme-challenge/ {
        root /srv/challenges;
    }
    return 301 https://$host$request_uri;
}
""",
    good="""\
server {
    location /.well-known/acme-challenge/ {
        root /srv/challenges;
    }
    location / {
        return 301 https://$host$request_uri;
    }
}
""",
    check=_check,
    directives=frozenset({"return", "rewrite"}),
)
