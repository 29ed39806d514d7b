"""NG145: a root that ends with the location's path, which nginx puts behind it once more."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import location
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for root in subject.configuration.named("root"):
        found = location(root.parent)
        if found is None or not found.is_prefix or len(root.args) != 1 or len(found.path.strip("/")) < 2:
            continue
        path = root.args[0].removesuffix("/")
        ours = found.path.removesuffix("/")
        # A path that a rewrite changed, or that a backend is asked for, is looked for elsewhere.
        if (
            path.endswith(ours)
            and path != ours
            and not any(map(found.node.all, ("rewrite", "try_files", "proxy_pass")))
        ):
            message = f"{ours}/x is looked for as {path}{ours}/x: nginx puts the whole path behind the root"
            help = f"write root {path.removesuffix(ours)};"
            yield Finding(message, root.spot(1), help, ((found.node.spot(found.word), "stands in both"),))


RULE = Rule(
    code="NG145",
    name="root-doubles-path",
    severity=Severity.WARNING,
    title="a root that repeats the location's path",
    why="Unlike alias, root replaces nothing: the file is the root and the whole path behind it, so that /img/ under"
    " /srv/img is looked for in /srv/img/img/. (Seen on the wire, nginx 1.22.1 and 1.31.3.)",
    mend="Name the folder above as root, or write alias.",
    bad="""\
location /img/ {
    root /srv/img;
}
""",
    good="""\
location /img/ {
    root /srv;
}
""",
    check=_check,
    directives=frozenset({"root"}),
)
