"""NG252: the use of a map that CVE-2026-42533 is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.conf.version import Version
from nginxgen.diagnostic import Severity
from nginxgen.lint.captures import groups
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.rules.security.holes import advice, is_open_in
from nginxgen.lint.variables import Variables, names_in

_MENDED = (Version(1, 30, 4), Version(1, 31, 3))
_CAPTURE = re.compile(r"\$[1-9]")


def _check(subject: Subject) -> Iterator[Finding]:
    if not is_open_in(subject.target, *_MENDED):
        return
    variables = Variables(subject.configuration)
    matching = {name for name in variables.map_names if _captures(variables, name)}
    for node in subject.configuration.walk() if matching else ():
        if node.context.startswith("stream") or (node.parent is not None and node.parent.is_free_form):
            continue
        for at, word in enumerate(node.args, start=1):
            if _CAPTURE.search(word) and (used := matching.intersection(names_in(word))):
                capture = _CAPTURE.findall(word)[0]
                message = f"the pattern behind ${min(used)} changes {capture} while nginx puts this text together"
                yield Finding(message, node.spot(at), advice(*_MENDED))


def _captures(variables: Variables, name: str) -> bool:
    """Whether a variable's map has a pattern with a capture."""
    entries = (entry for made in variables.map_of(name) for entry in made.children or ())
    return any(entry.name.startswith("~") and groups(entry.name) for entry in entries)


RULE = Rule(
    code="NG252",
    name="overflow-by-map",
    severity=Severity.NOTE,
    title="a map's pattern beside a numbered capture",
    why="Up to 1.30.3 and 1.31.2, nginx measures the text with one capture and writes it with another, past its memory,"
    " when it is asked for the right path; and the capture is wrong in any release. (CVE-2026-42533, nginx.org.)",
    mend="Take nginx 1.30.4 or 1.31.3; name the captures of the location and of the map: (?<rest>.*) and $rest.",
    bad="""\
http {
    map $host $folder {
        ~^(.+)\\.shop\\.example$ /$1;
    }
    server {
        location ~ ^/old/(.*)$ {
            return 301 /new$folder/$1;
        }
    }
}
""",
    good="""\
http {
    map $host $folder {
        ~^(?<name>.+)\\.shop\\.example$ /$name;
    }
    server {
        location ~ ^/old/(?<rest>.*)$ {
            return 301 /new$folder/$rest;
        }
    }
}
""",
    check=_check,
    directives=frozenset({"map"}),
)
