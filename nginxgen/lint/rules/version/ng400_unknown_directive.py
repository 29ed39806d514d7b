"""NG400: a directive that nginx does not have."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from nginxgen.conf.facts import directive_names
from nginxgen.diagnostic import Severity
from nginxgen.lint.faults import faults, is_of_a_module
from nginxgen.lint.rule import Finding, Rule, Subject

_NEAR = 0.85
_ELSE = frozenset({"else", "elif", "elsif", "elseif"})


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.walk():
        meant = node.name.lower().replace("-", "_")
        is_free = node.parent is not None and node.parent.is_free_form
        if meant != node.name and meant in directive_names() and not is_free:
            yield Finding(f"nginx has no directive {node.name}", node.spot(0), f"did you mean {meant}?")
    loads = bool(subject.configuration.named("load_module"))
    for kind in ("unknown", "foreign"):
        for node, fault in faults(subject, kind):
            if node.name in _ELSE:
                yield Finding(f"nginx has no {node.name}", node.spot(0), "let a map choose, or write another if")
                continue
            close = get_close_matches(node.name, directive_names(), n=1, cutoff=_NEAR)
            if is_of_a_module(node.name) or (loads and not close):
                continue
            # Without a name that is near, it may well be another module's.
            severity = None if close else Severity.NOTE
            help = f"did you mean {close[0]}?" if close else "it needs a module that others wrote; else take it out"
            yield Finding(fault.message, node.spot(0), help, severity=severity)


RULE = Rule(
    code="NG400",
    name="unknown-directive",
    severity=Severity.ERROR,
    title="a directive that nginx does not have",
    why='nginx refuses the whole configuration with "unknown directive". (Against the directives of all nginx from 1.18'
    " on; those of well-known modules of others are left alone.)",
    mend="Write the directive's right name, or load the module that has it.",
    bad="""\
server {
    listen 8080;
    location / {
        proxy_pas http://127.0.0.1:8081;
    }
}
""",
    good="""\
server {
    listen 8080;
    location / {
        proxy_pass http://127.0.0.1:8081;
    }
}
""",
    check=_check,
    is_refused=True,
)
