"""NG128: a group that nothing names."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.assignments import Assignments
from nginxgen.lint.groups import groups
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes, url


def _check(subject: Subject) -> Iterator[Finding]:
    configuration = subject.configuration
    assignments = Assignments(configuration)
    if any("$" in to.authority and not assignments.values(to.text) for _, to in passes(configuration)):
        return  # a request may choose any of them
    # Anything that may name a group: an address, a value of a map, a word of another module's directive.
    said = {url(word).authority for one in configuration.walk() for word in one.args if one.name != "upstream"}
    joined = " ".join(
        word for one in configuration.walk() for word in one.args if "lua" in one.name or "js" in one.name
    )
    for group in groups(configuration):
        name = group.args[0]
        is_known = group.root.inner == "main" and all(one.is_whole for one in _blocks(subject))
        if is_known and name not in said and name not in joined:
            yield Finding(f"nothing sends requests to {name}", group.spot(1))


def _blocks(subject: Subject) -> Iterator[Node]:
    yield from subject.configuration.roots
    yield from (one for one in subject.configuration.walk() if one.children is not None)


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
