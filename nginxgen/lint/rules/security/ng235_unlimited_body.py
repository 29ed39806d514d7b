"""NG235: requests of any size."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("client_max_body_size"):
        level = node.parent
        if level is None or not node.args or not re.fullmatch(r"0[kKmMgG]?", node.args[0]):
            continue
        if level.value("proxy_request_buffering") != "off":
            yield Finding("whoever sends enough fills the disk, since nginx keeps a body in a file first", node.spot(1))


RULE = Rule(
    code="NG235",
    name="unlimited-body",
    severity=Severity.NOTE,
    title="requests of any size",
    why="0 means without limit, and nginx writes what comes to client_body_temp_path before a backend sees it, unless"
    " proxy_request_buffering is off. (ngx_http_core_module.)",
    mend="Write the largest size that the backend takes, such as 1g.",
    bad="""\
server {
    client_max_body_size 0;
}
""",
    good="""\
server {
    client_max_body_size 1g;
}
""",
    check=_check,
    directives=frozenset({"client_max_body_size"}),
)
