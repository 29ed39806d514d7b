"""NG238: a password or token in the configuration."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in

_SETTERS = ("proxy_set_header", "grpc_set_header")
_NAMES = frozenset({"authorization", "proxy-authorization", "x-api-key", "x-auth-token", "x-access-token", "api-key"})
_TOKEN = re.compile(r"(?:bearer|token)\s+(\S{16,})|(\S{16,})", re.IGNORECASE)
_BASIC = re.compile(r"basic\s+([A-Za-z0-9+/]+=*)", re.IGNORECASE)
_EXAMPLES = re.compile(r"your|example|change|secret|token|xxx|replace|placeholder|password_?here", re.IGNORECASE)


def _check(subject: Subject) -> Iterator[Finding]:
    for name in _SETTERS:
        for node in subject.configuration.named(name):
            if len(node.args) < 2 or node.args[0].lower() not in _NAMES or "$" in node.args[1]:
                continue
            if _is_secret(node.args[1]):
                yield Finding(f"whoever reads this file reads the backend's {_kind(node.args[1])}", node.spot(2))


def _is_secret(value: str) -> bool:
    if is_filled_in(value) or _EXAMPLES.search(value):
        return False
    if basic := _BASIC.fullmatch(value):
        try:
            return b":" in base64.b64decode(basic[1], validate=True)
        except binascii.Error:
            return False
    return _TOKEN.fullmatch(value) is not None


def _kind(value: str) -> str:
    return "password" if value.lower().startswith("basic ") else "token"


RULE = Rule(
    code="NG238",
    name="secret-in-text",
    severity=Severity.WARNING,
    title="a password in the configuration",
    why="The file is in backups, in version control, in nginx -T and readable by more people than the backend has"
    " users; Basic is base64, which everybody can turn back.",
    mend="Put the line into a file of its own that only root reads, and include it; then change the password.",
    bad="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_set_header Authorization "Basic YWRtaW46aHVudGVyMg==";
}
""",
    good="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_set_header Authorization $http_authorization;
}
""",
    check=_check,
    directives=frozenset(_SETTERS),
)
