"""NG316: buffers in which ordinary requests and answers have no room."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.sizes import in_bytes

_HEAD = "an answer whose headers are larger ends as a 502"
_LEAST = {
    "proxy_buffer_size": (4096, _HEAD),
    "fastcgi_buffer_size": (4096, _HEAD),
    "uwsgi_buffer_size": (4096, _HEAD),
    "scgi_buffer_size": (4096, _HEAD),
    "grpc_buffer_size": (4096, _HEAD),
    "client_header_buffer_size": (1024, "ordinary requests need a second, larger one"),
    "client_body_buffer_size": (8192, "larger bodies are written to files"),
    "large_client_header_buffers": (4096, "a larger URL or header is refused with 414 or 400"),
}
"""Nginx's defaults, where a page of memory has 4k and others are larger, and what happens beyond."""


def _check(subject: Subject) -> Iterator[Finding]:
    for name in sorted(_LEAST.keys() & subject.configuration.names):
        least, beyond = _LEAST[name]
        for node in subject.configuration.named(name):
            if 0 < in_bytes(node.args[-1] if node.args else "") < least:
                message = f"{name} {node.args[-1]} is less than nginx's own {least // 1024}k: {beyond}"
                yield Finding(message, node.spot(len(node.args)), f"write {least // 1024}k or more, or leave it out")


RULE = Rule(
    code="NG316",
    name="tiny-buffers",
    severity=Severity.WARNING,
    title="buffers that are smaller than nginx's own",
    why="Cookies, tokens and policies make heads of some kilobytes. What does not fit is refused or goes to the disk:"
    ' "upstream sent too big header", 502; "request header or cookie too large", 400. Memory is not saved by it: a page'
    " is what the system gives anyway.",
    mend="Leave it out, or write more than the default.",
    bad="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_buffer_size 1k;
}
""",
    good="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_buffer_size 8k;
}
""",
    check=_check,
    directives=frozenset(_LEAST),
)
