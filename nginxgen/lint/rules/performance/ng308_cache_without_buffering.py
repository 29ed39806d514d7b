"""NG308: a cache that stores nothing, since answers are not buffered."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.families import BUFFERED
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for family in BUFFERED:
        for cache in subject.configuration.named(f"{family}_cache"):
            level = cache.parent
            if level is None or cache.args[:1] in ((), ("off",)):
                continue
            buffering = level.effective(f"{family}_buffering")
            if buffering and buffering[-1].args == ("off",):
                also = ((buffering[-1].spot(), "is off"),)
                yield Finding(f"{cache} stores nothing without {family}_buffering", cache.spot(), None, also)


RULE = Rule(
    code="NG308",
    name="cache-without-buffering",
    severity=Severity.WARNING,
    title="a cache that stays empty",
    why="nginx stores only answers that it buffers: each request goes to the backend, and nothing"
    " tells. (ngx_http_proxy_module.)",
    mend="Leave buffering on where there is a cache.",
    bad="""\
http {
    proxy_cache_path cache keys_zone=pages:1m;
    server {
        location / {
            proxy_pass http://127.0.0.1:8081;
            proxy_cache pages;
            proxy_buffering off;
        }
    }
}
""",
    good="""\
http {
    proxy_cache_path cache keys_zone=pages:1m;
    server {
        location / {
            proxy_pass http://127.0.0.1:8081;
            proxy_cache pages;
        }
    }
}
""",
    check=_check,
    directives=frozenset(f"{one}_cache" for one in BUFFERED),
)
