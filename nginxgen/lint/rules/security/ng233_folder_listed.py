"""NG233: the names of all files in a folder, for everybody."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.access import guards
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("autoindex"):
        if node.args[:1] == ("on",) and node.parent is not None and not guards(node.parent):
            yield Finding("everybody sees the names of all files in folders without an index", node.spot())


RULE = Rule(
    code="NG233",
    name="folder-listed",
    severity=Severity.NOTE,
    title="folders are listed for everybody",
    why="A forgotten backup or an export is found by its name only as long as nobody lists it."
    " (ngx_http_autoindex_module.)",
    mend="Write autoindex off, unless the list is what the site is for.",
    bad="""\
location /files/ {
    autoindex on;
}
""",
    good="""\
location /files/ {
    autoindex off;
}
""",
    check=_check,
    directives=frozenset({"autoindex"}),
)
