"""NG137: a zone in memory that is used and never made."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Configuration, Node
from nginxgen.lint.rule import Finding, Rule, Subject

_MADE_BY = {
    "limit_req": ("limit_req_zone", "zone="),
    "limit_conn": ("limit_conn_zone", "zone="),
    "proxy_cache": ("proxy_cache_path", "keys_zone="),
    "fastcgi_cache": ("fastcgi_cache_path", "keys_zone="),
    "uwsgi_cache": ("uwsgi_cache_path", "keys_zone="),
    "scgi_cache": ("scgi_cache_path", "keys_zone="),
}


def _check(subject: Subject) -> Iterator[Finding]:
    for name, (maker, word) in _MADE_BY.items():
        made = _made(subject.configuration, maker, word)
        for one in subject.configuration.named(name):
            used, at = _used(one)
            if used is None or used in made or one.context.startswith("stream"):
                continue
            if one.root.inner == "main" and all(level.is_whole for level in one.around()):
                near = get_close_matches(used, made, n=1)
                help = f"did you mean {near[0]}?" if near else f"write a {maker} with {word}{used}:10m in http"
                yield Finding(f"no {maker} makes the zone {used}, and nginx refuses the file", one.spot(at), help)


def _made(configuration: Configuration, maker: str, word: str) -> list[str]:
    words = [text for one in configuration.named(maker) for text in one.args if text.startswith(word)]
    return [text.removeprefix(word).partition(":")[0] for text in words]


def _used(one: Node) -> tuple[str | None, int]:
    """The zone that a directive names, and in which word; none when it is off or comes from a variable."""
    at = 1
    if one.name == "limit_req":
        at = next((at for at, text in enumerate(one.args, 1) if text.startswith("zone=")), 0)
    text = one.args[at - 1].removeprefix("zone=") if 0 < at <= len(one.args) else ""
    return (None, 0) if not text or text == "off" or "$" in text else (text, at)


RULE = Rule(
    code="NG137",
    name="zone-unknown",
    severity=Severity.ERROR,
    title="a zone that nothing makes",
    why="nginx refuses a limit or cache whose zone has no size: zero size shared memory zone, or zone is unknown."
    " (nginx 1.22.1 and 1.31.3.)",
    mend="Make the zone in http, or mend its name.",
    bad="""\
events {
}
http {
    limit_req_zone $binary_remote_addr zone=clients:10m rate=10r/s;
    server {
        location / {
            limit_req zone=client burst=20;
        }
    }
}
""",
    good="""\
events {
}
http {
    limit_req_zone $binary_remote_addr zone=clients:10m rate=10r/s;
    server {
        location / {
            limit_req zone=clients burst=20;
        }
    }
}
""",
    check=_check,
    directives=frozenset(_MADE_BY),
    is_refused=True,
)
