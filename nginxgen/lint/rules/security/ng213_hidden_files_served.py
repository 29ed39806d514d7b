"""NG213: files such as .git and .env within what is served."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.locations import siblings
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import PASSES

_MADE = re.compile(
    r"(public|html|htdocs|dist|build|www|wwwroot|webroot|static|assets|media|web|site|_site|out|output|docs|pub|share"
    r"|browser|letsencrypt|acme|certbot|uploads|files|images|img|nginx|empty|null|repo)([-_.].*)?|.*_html"
)
"""Folders that hold what was made to be served, and not where somebody works."""
_HIDDEN = re.compile(r"\\\.|/\.|\[\.\]")


def _check(subject: Subject) -> Iterator[Finding]:
    for server in subject.configuration.blocks("server"):
        if server.inner != "server" or not server.words or not server.is_whole or server.all("return"):
            continue
        root = next((one for one in server.all("root") if one.args), None)
        if root is None or "$" in root.args[0] or not root.args[0].startswith("/"):
            continue
        if not _MADE.fullmatch(posixpath.basename(root.args[0].rstrip("/"))) and _serves(server):
            yield Finding(f"all of {root.args[0]} is served, files such as .git and .env too", root.spot(1))


def _serves(server: Node) -> bool:
    """Whether files are served at any path, and none is set apart by a dot."""
    places = siblings(server)
    if any(_HIDDEN.search(one.path) and not one.path.startswith("/.well-known") for one in places if one.is_regex):
        return False
    if any(one.is_prefix and one.path.startswith("/.") and "well-known" not in one.path for one in places):
        return False
    top = next((one.node for one in places if one.is_prefix and one.path == "/"), server)
    return top.is_whole and not any(top.all(name) for name in (*PASSES, "return", "root", "alias", "deny", "rewrite"))


RULE = Rule(
    code="NG213",
    name="hidden-files-served",
    severity=Severity.NOTE,
    title="hidden files are served",
    why="nginx serves files whose names begin with a dot as any others: a checkout's .git gives away the whole source,"
    " and .env the passwords. (Seen on nginx 1.22.1 and 1.31.3.)",
    mend="Serve a folder with nothing else in it, or write location ~ /\\.(?!well-known/) { return 404; }.",
    bad="""\
server {
    root /srv/shop;
    location / {
        try_files $uri /index.html;
    }
}
""",
    good="""\
server {
    root /srv/shop;
    location / {
        try_files $uri /index.html;
    }
    location ~ /\\.(?!well-known/) {
        return 404;
    }
}
""",
    check=_check,
    directives=frozenset({"root"}),
)
