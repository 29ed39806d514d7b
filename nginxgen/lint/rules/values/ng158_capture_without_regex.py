"""NG158: $1 where no regular expression captures anything."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.definitions import captures, has_regex, is_complete
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    configuration = subject.configuration
    is_whole = is_complete(configuration)
    maps = any(has_regex(one) for one in configuration.walk() if one.parent is not None and one.parent.name == "map")
    for node in configuration.walk():
        found = None if node.name in ("rewrite", "map", "proxy_redirect") else next(captures(node), None)
        if found is None or maps or not (is_whole or node.within("server")) or _may_capture(node):
            continue
        yield Finding(f"${found[1]} is empty: no regular expression is matched before it", node.spot(found[0]))


def _may_capture(node: Node) -> bool:
    """Whether a block around it, or something in one, has a regular expression; or something unknown is in one."""
    for level in node.around():
        if has_regex(level) or not level.is_whole or any(map(has_regex, level.children or ())):
            return True
        if level.name == "server":
            # A location of the server may have been left by an internal redirect, which keeps its captures.
            return any(has_regex(one) for one in level.walk())
        if level.parent is None and level.inner == "location":
            return True
    return False


RULE = Rule(
    code="NG158",
    name="capture-without-regex",
    severity=Severity.WARNING,
    title="a capture that nothing captures",
    why="$1 to $9 are what the last regular expression of a location, server_name, rewrite, if or map captured; without"
    " one they are empty, and a price of $5 becomes nothing. (ngx_http_script.c; nginx has no escape for $.)",
    mend="Match with a regular expression that has a group, or take the capture out.",
    bad="""\
server {
    listen 8080;
    location /old/ {
        return 301 /new/$1;
    }
}
""",
    good="""\
server {
    listen 8080;
    location ~ ^/old/(.*)$ {
        return 301 /new/$1;
    }
}
""",
    check=_check,
)
