"""NG243: answers with one visitor's cookie, kept for all."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.families import BUFFERED
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import names_in


def _check(subject: Subject) -> Iterator[Finding]:
    for family in BUFFERED:
        for node in subject.configuration.named(f"{family}_ignore_headers"):
            ignored = [one.lower() for one in node.args]
            if node.parent is None or "set-cookie" not in ignored:
                continue
            levels = [node.parent, *(one for one in node.parent.walk() if one.children is not None)]
            if any(_keeps(family, one) and node in one.effective(node.name) for one in levels):
                at = ignored.index("set-cookie") + 1
                message = "the cookie of whoever came first is kept, and given to everybody"
                help = f"write {family}_hide_header Set-Cookie, or leave Set-Cookie out here"
                yield Finding(message, node.spot(at), help)


def _keeps(family: str, level: Node) -> bool:
    """Whether a block caches answers, cookies among them, and nothing takes those with a session out."""
    if level.value(f"{family}_cache") in (None, "off"):
        return False
    hidden = [one.args[0].lower() for one in level.effective(f"{family}_hide_header") if one.args]
    careful = any(level.effective(f"{family}_{name}") for name in ("no_cache", "cache_bypass"))
    key = names_in(level.value(f"{family}_cache_key") or "")
    by_cookie = any(name.startswith("cookie_") or name in ("http_cookie", "http_authorization") for name in key)
    return "set-cookie" not in hidden and not careful and not by_cookie and level.is_whole


RULE = Rule(
    code="NG243",
    name="cached-sessions",
    severity=Severity.WARNING,
    title="a visitor's cookie kept for all",
    why="nginx keeps no answer with Set-Cookie, unless it is told to ignore that header: then a visitor gets the"
    " session of another. (ngx_http_proxy_module: proxy_cache_valid; seen on the wire.)",
    mend="Write proxy_hide_header Set-Cookie beside it, or leave Set-Cookie out of proxy_ignore_headers.",
    bad="""\
http {
    proxy_cache_path /var/cache/nginx keys_zone=pages:10m;
    server {
        location / {
            proxy_pass http://127.0.0.1:8080;
            proxy_cache pages;
            proxy_ignore_headers Set-Cookie;
        }
    }
}
""",
    good="""\
http {
    proxy_cache_path /var/cache/nginx keys_zone=pages:10m;
    server {
        location / {
            proxy_pass http://127.0.0.1:8080;
            proxy_cache pages;
            proxy_ignore_headers Set-Cookie;
            proxy_hide_header Set-Cookie;
        }
    }
}
""",
    check=_check,
    directives=frozenset(f"{family}_ignore_headers" for family in BUFFERED),
)
