"""NG159: a status that no answer can have, or a redirect that says not where to."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject

_REDIRECTS = frozenset({"301", "302", "303", "307", "308"})
_LOWEST, _HIGHEST, _OURS = 300, 599, 499


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("return"):
        yield from _of_return(node)
    for node in subject.configuration.named("error_page"):
        for at, word in enumerate(node.args[:-1], 1):
            if word.isdigit() and (not _LOWEST <= int(word) <= _HIGHEST or int(word) == _OURS):
                help = f"error_page takes {_LOWEST} to {_HIGHEST}, without {_OURS}"
                yield Finding(f"error_page has no page for {word}", node.spot(at), help)


def _of_return(node: Node) -> Iterator[Finding]:
    if not node.args:
        return
    code = node.args[0]
    if code.isdigit() and len(code) > 3:
        yield Finding(f"{code} is no status", node.spot(1), "write a status of three digits")
    elif code in _REDIRECTS and len(node.args) == 1 and not _has_page(node):
        yield Finding(
            f"{code} says not where to go", node.spot(1), f"write return {code} and the URL", severity=Severity.WARNING
        )


def _has_page(node: Node) -> bool:
    """Whether an error_page may answer instead, one in a file that is not here included."""
    level = node.parent
    if level is None or not level.knows("error_page"):
        return True
    return any(node.args[0] in one.args for one in level.effective("error_page"))


RULE = Rule(
    code="NG159",
    name="impossible-status",
    severity=Severity.ERROR,
    title="a status that cannot be",
    why="nginx refuses a return above 999 and an error_page outside of 300 to 599; a redirect without a URL is sent"
    " without a Location, which leaves a browser on an empty page. (ngx_http_rewrite_module, ngx_http_core_module.)",
    mend="Write a status that there is; behind a redirect, its URL.",
    bad="""\
server {
    listen 8080;
    error_page 200 /fine.html;
}
""",
    good="""\
server {
    listen 8080;
    error_page 500 /broken.html;
}
""",
    check=_check,
    directives=frozenset({"return", "error_page"}),
    is_refused=True,
)
