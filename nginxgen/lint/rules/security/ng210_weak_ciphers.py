"""NG210: ciphers that others can read along."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject

_LISTS = ("ssl_ciphers", "proxy_ssl_ciphers", "grpc_ssl_ciphers", "uwsgi_ssl_ciphers")
_WEAK = frozenset(
    {
        "RC4",
        "RC2",
        "DES",
        "3DES",
        "NULL",
        "eNULL",
        "aNULL",
        "ADH",
        "AECDH",
        "EXP",
        "EXPORT",
        "LOW",
        "MD5",
        "IDEA",
        "SEED",
    }
)
_PARTS = re.compile(r"[-+_]")
_ALIASES = {"DES": "3DES", "ADH": "aNULL", "AECDH": "aNULL", "NULL": "eNULL", "EXP": "EXPORT"}


def _check(subject: Subject) -> Iterator[Finding]:
    for name in _LISTS:
        for node in subject.configuration.named(name):
            words = re.split(r"[:, ]+", node.args[0]) if node.args else []
            gone = {word[1:] for word in words if word.startswith(("!", "-"))}
            weak = [word for word in words if not word.startswith(("!", "-", "+", "@")) and _is_weak(word, gone)]
            if weak:
                message = f"{', '.join(weak[:3])}{' and more' if len(weak) > 3 else ''}: others can read what is sent"
                yield Finding(message, node.spot(1))


def _is_weak(word: str, gone: set[str]) -> bool:
    found = _WEAK.intersection(_PARTS.split(word))
    return bool(found) and not any(one in gone or _ALIASES.get(one) in gone for one in found)


RULE = Rule(
    code="NG210",
    name="weak-ciphers",
    severity=Severity.WARNING,
    title="ciphers that are broken",
    why="RC4, DES, 3DES, ciphers for export and those without encryption or proof of identity are broken (RFC 7465, RFC"
    " 7525, CVE-2016-2183); today's OpenSSL leaves most of them out, older ones do not.",
    mend="Leave ssl_ciphers out, since nginx's own list has none of them; or take the list of a guide of this year.",
    bad="""\
server {
    ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:RC4-SHA;
}
""",
    good="""\
server {
    ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:!RC4;
}
""",
    check=_check,
    directives=frozenset(_LISTS),
)
