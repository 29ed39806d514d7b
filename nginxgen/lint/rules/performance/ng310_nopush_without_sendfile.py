"""NG310: tcp_nopush where nothing uses it."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("tcp_nopush"):
        level = node.parent
        if node.args != ("on",) or level is None or not level.knows("sendfile") or level.value("sendfile") == "on":
            continue
        if not any(one.name == "sendfile" and one.args == ("on",) for one in level.walk()):
            yield Finding("tcp_nopush does nothing without sendfile", node.spot(0))


RULE = Rule(
    code="NG310",
    name="nopush-without-sendfile",
    severity=Severity.NOTE,
    title="tcp_nopush without sendfile",
    why="It joins the head of an answer with the file that sendfile sends, and is looked at only then."
    " (ngx_http_core_module.)",
    mend='Write "sendfile on;" beside it, or take it out.',
    bad="""\
events {}
http {
    tcp_nopush on;
}
""",
    good="""\
events {}
http {
    sendfile on;
    tcp_nopush on;
}
""",
    check=_check,
    directives=frozenset({"tcp_nopush"}),
)
