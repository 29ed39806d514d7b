"""NG214: a folder of the system's served to everybody."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.locations import location_around, siblings
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import PASSES

_SYSTEMS = frozenset(
    {"/", "/etc", "/root", "/home", "/var", "/usr", "/proc", "/sys", "/dev", "/boot", "/bin", "/lib", "/run", "/opt"}
    | {"/etc/nginx", "/etc/ssl", "/var/log", "/var/lib", "/var/log/nginx", "/etc/ssl/private", "/etc/letsencrypt"}
)


def _check(subject: Subject) -> Iterator[Finding]:
    for name in ("root", "alias"):
        for node in subject.configuration.named(name):
            folder = _folder(node) if node.args else None
            if folder in _SYSTEMS:
                yield Finding(f"{folder} of the machine can be read, as far as nginx itself may read it", node.spot(1))


def _folder(node: Node) -> str | None:
    """What is served by a root or alias; None when that is not known, or only nginx itself comes there."""
    level, text = node.parent, node.args[0]
    if level is None or "$" in text or not text.startswith("/"):
        return None
    place = location_around(node)
    if place is None:
        served = level.inner == "server" and _has_files(level)
        return posixpath.normpath(text) if served else None
    if not place.is_prefix or place.node.all("internal") or place.node.all("deny") or not _has_files(place.node):
        return None
    return posixpath.normpath(text + (place.path if node.name == "root" else ""))


def _has_files(level: Node) -> bool:
    """Whether requests of a block end at files."""
    inner = [one.node for one in siblings(level) if one.is_prefix and one.path == "/"]
    return level.is_whole and not any(block.all(name) for block in (level, *inner) for name in (*PASSES, "return"))


RULE = Rule(
    code="NG214",
    name="system-folder-served",
    severity=Severity.ERROR,
    title="a folder of the system's is served",
    why="Whoever asks for /etc/passwd gets it, and configurations, keys and logs as far as nginx may read them."
    " (ngx_http_core_module: root.)",
    mend="Name the folder that holds the site.",
    bad="""\
server {
    root /;
}
""",
    good="""\
server {
    root /srv/shop/public;
}
""",
    check=_check,
    directives=frozenset({"root", "alias"}),
)
