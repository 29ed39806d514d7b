"""NG128: a group that nothing names."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Configuration
from nginxgen.lint.assignments import Assignments
from nginxgen.lint.groups import groups
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import PASSES, url


def _check(subject: Subject) -> Iterator[Finding]:
    configuration = subject.configuration
    if not _is_all_known(configuration) or _chooses_freely(configuration):
        return
    # Anything that may name a group: an address, a value of a map, a word of another module's directive.
    words = [word for one in configuration.walk() for word in one.args if one.name != "upstream"]
    said = {url(word).authority for word in words}
    for group in groups(configuration):
        name = group.args[0]
        is_inside = group.parent is not None and group.parent.name in ("http", "stream")
        if is_inside and group.root.inner == "main" and name not in said:
            yield Finding(f"nothing sends requests to {name}", group.spot(1))


def _is_all_known(configuration: Configuration) -> bool:
    blocks = (one for one in configuration.walk() if one.children is not None)
    return all(one.is_whole for one in (*configuration.roots, *blocks))


def _chooses_freely(configuration: Configuration) -> bool:
    """Whether a request itself may choose the group, so that every one may be meant."""
    assignments = Assignments(configuration)
    for node in (one for name in PASSES for one in configuration.named(name) if one.args):
        to = url(node.args[0])
        if assignments.is_open(to.authority if to.scheme else to.text):
            return True
    return False


RULE = Rule(
    code="NG128",
    name="group-unused",
    severity=Severity.WARNING,
    title="a group that nobody uses",
    why="Most often a proxy_pass was forgotten, or names something else; nginx says nothing about it."
    " (nginx 1.22.1 and 1.31.3.)",
    mend="Name it in a proxy_pass, or take it out.",
    bad="""\
events {
}
http {
    upstream shop {
        server 127.0.0.1:8080;
    }
    server {
        location / {
            root /srv;
        }
    }
}
""",
    good="""\
events {
}
http {
    upstream shop {
        server 127.0.0.1:8080;
    }
    server {
        location / {
            proxy_pass http://shop;
        }
    }
}
""",
    check=_check,
    directives=frozenset({"upstream"}),
)
