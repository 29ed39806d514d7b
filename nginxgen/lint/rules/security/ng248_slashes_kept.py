"""NG248: //admin is not /admin."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.access import own_guards
from nginxgen.lint.locations import siblings
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("merge_slashes"):
        if node.args[:1] != ("off",) or node.parent is None:
            continue
        servers = [node.parent, *(one for one in node.parent.walk() if one.inner == "server")]
        guarded = next((one for server in servers for one in siblings(server) if _is_guarded(one.node)), None)
        if guarded is not None:
            also = ((guarded.node.spot(guarded.word), "is guarded"),)
            yield Finding(
                f"/{guarded.path} is not {guarded.path} now, and passes by its guard", node.spot(), None, also
            )


def _is_guarded(level: Node) -> bool:
    return any(one.name not in ("allow", "internal") for one in own_guards(level))


RULE = Rule(
    code="NG248",
    name="slashes-kept",
    severity=Severity.WARNING,
    title="slashes that are kept pass by a guard",
    why="Files and most backends take //admin for /admin; nginx with merge_slashes off does not, and chooses another"
    " location. (ngx_http_core_module: merge_slashes; seen on nginx 1.22.1 and 1.31.3.)",
    mend="Leave merge_slashes on.",
    bad="""\
server {
    merge_slashes off;
    location /admin/ {
        deny all;
    }
}
""",
    good="""\
server {
    location /admin/ {
        deny all;
    }
}
""",
    check=_check,
    directives=frozenset({"merge_slashes"}),
)
