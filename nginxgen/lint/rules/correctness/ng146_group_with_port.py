"""NG146: a port behind the name of a group."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.groups import http_groups
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes


def _check(subject: Subject) -> Iterator[Finding]:
    groups = http_groups(subject.configuration)
    for node, to in passes(subject.configuration):
        group = groups.get(to.host)
        if group is not None and to.authority != to.host and (node.root.inner == "main" or group.file is node.file):
            port = to.authority.removeprefix(to.host)
            message = f"{to.host} is a group, whose servers have ports of their own, and nginx refuses {port} behind it"
            help = f"take {port} away"
            yield Finding(message, node.spot(1), help, ((group.spot(1), "the group"),))


RULE = Rule(
    code="NG146",
    name="group-with-port",
    severity=Severity.ERROR,
    title="a port behind a group",
    why="A group stands for several servers, each with its own port: nginx says that upstream may not have port, and"
    " refuses the file. (nginx 1.22.1 and 1.31.3.)",
    mend="Write the port at the servers of the group.",
    bad="""\
upstream shop {
    server 127.0.0.1:8080;
}
server {
    location / {
        proxy_pass http://shop:8080;
    }
}
""",
    good="""\
upstream shop {
    server 127.0.0.1:8080;
}
server {
    location / {
        proxy_pass http://shop;
    }
}
""",
    check=_check,
    directives=frozenset({"upstream"}),
    is_refused=True,
)
