"""NG304: compression of what is compressed already."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_COMPRESSED = re.compile(
    r"image/(?:png|jpe?g|gif|webp|avif)|(?:font|application(?:/x)?)[/-](?:font-)?woff2?|video/.*|audio/(?!midi|x-wav).*"
    r"|application/(?:zip|gzip|x-gzip|x-bzip2|x-7z-compressed|x-rar-compressed|pdf)"
)


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("gzip_types"):
        for at, kind in enumerate(node.args, 1):
            if _COMPRESSED.fullmatch(kind):
                yield Finding(f"{kind} is compressed already", node.spot(at), f"take {kind} out")


RULE = Rule(
    code="NG304",
    name="gzip-of-compressed",
    severity=Severity.NOTE,
    title="compression of what is compressed already",
    why="Pictures, films and woff fonts become no smaller, while each request for one costs processor time, its length"
    " is no longer sent, and sendfile is not used. (ngx_http_gzip_module.)",
    mend="Name only types that are text inside.",
    bad="""\
http {
    gzip_types text/css image/png;
}
""",
    good="""\
http {
    gzip_types text/css image/svg+xml;
}
""",
    check=_check,
    directives=frozenset({"gzip_types"}),
)
