"""NG129: a backend's name that is almost that of a group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from nginxgen.diagnostic import Severity
from nginxgen.lint.groups import http_groups
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import is_name, passes


def _check(subject: Subject) -> Iterator[Finding]:
    groups = http_groups(subject.configuration)
    for node, to in passes(subject.configuration):
        if to.authority in groups or not is_name(to.authority) or "." in to.authority or node.root.inner != "main":
            continue
        if all(one.is_whole for one in node.around()) and (near := _near(to.authority, groups)):
            message = f"no group is called {to.authority}, so nginx looks for a host of that name"
            defined = groups[near].spot(1)
            yield Finding(
                message, node.spot(1), f"did you mean {near}?", ((defined, "the group with the nearest name"),)
            )


def _near(name: str, groups: Iterable[str]) -> str | None:
    numbers = [one for one in groups if re.sub("[0-9]", "", one) == re.sub("[0-9]", "", name)]
    found = get_close_matches(name, [one for one in groups if one not in numbers], n=1, cutoff=0.8)
    return found[0] if found else None


RULE = Rule(
    code="NG129",
    name="group-misspelt",
    severity=Severity.WARNING,
    title="a backend that is almost the name of a group",
    why="nginx takes a name that is no group for a host: it asks the DNS, and does not start, or sends requests to a"
    " stranger. What it says is: host not found in upstream. (nginx 1.22.1 and 1.31.3.)",
    mend="Write the name of the group as it is defined.",
    bad="""\
events {
}
http {
    upstream shop_backend {
        server 127.0.0.1:8080;
    }
    server {
        location / {
            proxy_pass http://shop_backed;
        }
    }
}
""",
    good="""\
events {
}
http {
    upstream shop_backend {
        server 127.0.0.1:8080;
    }
    server {
        location / {
            proxy_pass http://shop_backend;
        }
    }
}
""",
    check=_check,
    directives=frozenset({"upstream"}),
)
