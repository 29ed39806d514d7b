"""NG153: a variable that nobody defines."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from nginxgen.conf.facts import variables
from nginxgen.diagnostic import Severity
from nginxgen.lint.definitions import defined, has_foreign_directives, is_builtin, is_complete, uses
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    configuration = subject.configuration
    if not is_complete(configuration) or has_foreign_directives(configuration):
        return
    own = defined(configuration)
    for node in configuration.walk():
        for at, name in dict.fromkeys(uses(node)):
            if name.lower() not in own and not is_builtin(name) and not name.isupper():
                close = get_close_matches(name, [*own, *variables()], n=1, cutoff=0.75)
                help = f"did you mean ${close[0]}?" if close else None
                yield Finding(f"nothing defines ${name}", node.spot(at), help)


RULE = Rule(
    code="NG153",
    name="unknown-variable",
    severity=Severity.ERROR,
    title="a variable that does not exist",
    why='nginx refuses the configuration with "unknown variable"; looked for only where every file is known.',
    mend="Write a variable that nginx has, or define it with set or map; nginx has no escape for a dollar sign.",
    bad="""\
events {}
http {
    server {
        listen 8080;
        return 301 https://$hots$request_uri;
    }
}
""",
    good="""\
events {}
http {
    server {
        listen 8080;
        return 301 https://$host$request_uri;
    }
}
""",
    check=_check,
    is_refused=True,
)
