"""NG241: everybody may write and delete files."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.access import is_open
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("dav_methods"):
        level = node.parent
        if level is None or not node.args or node.args[0] == "off" or not is_open(level):
            continue
        asked = any(one.name in ("auth_basic", "auth_request", "limit_except") for one in level.walk())
        if not asked and not any(around.all("limit_except") for around in level.levels()):
            yield Finding(f"everybody may {' and '.join(node.args)} files here", node.spot(0))


RULE = Rule(
    code="NG241",
    name="open-uploads",
    severity=Severity.ERROR,
    title="everybody may write files",
    why="dav_methods asks nobody who they are: strangers fill the disk, replace pages, or put a script where it is run."
    " (ngx_http_dav_module; seen on nginx 1.22.1.)",
    mend="Ask for a password (auth_basic), or let in some addresses only (allow, deny all).",
    bad="""\
location /upload/ {
    dav_methods PUT DELETE;
}
""",
    good="""\
location /upload/ {
    dav_methods PUT DELETE;
    auth_basic members;
    auth_basic_user_file /etc/nginx/members;
}
""",
    check=_check,
    directives=frozenset({"dav_methods"}),
)
