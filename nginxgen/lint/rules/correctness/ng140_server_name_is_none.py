"""NG140: a server_name that no request can ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    for one in subject.configuration.named("server_name"):
        if one.context.startswith("stream"):
            continue
        for at, name in enumerate(one.args, start=1):
            if not name.startswith("~") and (told := _reason(name)):
                reason, help = told
                yield Finding(f"no request asks for {name}: {reason}", one.spot(at), help)


def _reason(name: str) -> tuple[str, str] | None:
    if found := re.match(r"[a-z]+://([^/:,]*)", name):
        return "a name has no scheme", f"write {found[1]}"
    if re.search(r"[a-z0-9],", name, re.IGNORECASE):
        return "names are parted by blanks, not by commas", f"write {' '.join(filter(None, name.split(',')))}"
    if found := re.fullmatch(r"([A-Za-z0-9.*-]+):[0-9]+", name):
        return "the port is cut off before names are compared", f"write {found[1]}"
    if found := re.fullmatch(r"([A-Za-z0-9.*-]+)/.*", name):
        return "a name has no path", f"write {found[1]}"
    return None


RULE = Rule(
    code="NG140",
    name="server-name-is-none",
    severity=Severity.ERROR,
    title="a server_name that is none",
    why="nginx compares the host alone, without scheme, port and path; whatever else stands in server_name is taken"
    " without a word and never found, and requests go to the default server. (Seen on the wire, nginx 1.22.1 and"
    " 1.31.3.)",
    mend="Write the bare names, with blanks between them.",
    bad="""\
server {
    server_name shop.example,www.shop.example;
}
""",
    good="""\
server {
    server_name shop.example www.shop.example;
}
""",
    check=_check,
    directives=frozenset({"server_name"}),
)
