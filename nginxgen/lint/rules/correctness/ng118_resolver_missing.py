"""NG118: names that are looked up for each request, and nobody to ask."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.assignments import Assignments
from nginxgen.lint.groups import http_groups
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in
from nginxgen.lint.urls import is_name, passes, url

_CHOSEN_BY_CLIENTS = re.compile(r"\$\{?(?:host|http_host|[1-9])\b")


def _check(subject: Subject) -> Iterator[Finding]:
    assignments = Assignments(subject.configuration)
    groups = http_groups(subject.configuration)
    for node, to in passes(subject.configuration):
        level = node.parent
        if not to.has_variables or level is None or level.effective("resolver") or not level.knows("resolver"):
            continue
        hosts = [url(one).host for one in assignments.values(to.text)]
        name = next((one for one in hosts if is_name(one) and one not in groups and not is_filled_in(to.text)), None)
        if name is not None or _CHOSEN_BY_CLIENTS.match(to.host):
            what = name or to.host
            message = f"{what} is looked up for each request, and there is no resolver to ask: the answer is a 502"
            yield Finding(message, node.spot(1))


RULE = Rule(
    code="NG118",
    name="resolver-missing",
    severity=Severity.ERROR,
    title="names in variables without a resolver",
    why="A host that comes from a variable is looked up when a request is there, by the name servers of the resolver"
    " directive, never by those of the system. Without it: no resolver defined to resolve, and a 502. (Seen on the"
    " wire, nginx 1.22.1 and 1.31.3.)",
    mend="Write resolver with the address of your name server, such as 127.0.0.53, or 127.0.0.11 inside of Docker.",
    bad="""\
events {
}
http {
    server {
        location / {
            set $backend app.internal;
            proxy_pass http://$backend:8080;
        }
    }
}
""",
    good="""\
events {
}
http {
    resolver 127.0.0.53;
    server {
        location / {
            set $backend app.internal;
            proxy_pass http://$backend:8080;
        }
    }
}
""",
    check=_check,
    directives=frozenset({"proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "memcached_pass"}),
)
