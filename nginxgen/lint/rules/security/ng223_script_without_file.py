"""NG223: PHP is given paths for which there may be no file."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.locations import location_around
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes

_PARAMETERS_ONLY = ("fastcgi_params", "fastcgi.conf", "fastcgi_params.conf")


def _check(subject: Subject) -> Iterator[Finding]:
    for node, _ in passes(subject.configuration, "fastcgi_pass"):
        place = location_around(node)
        if place is None or not place.is_regex or not place.path.endswith(".php$") or place.path.startswith("^"):
            continue
        level = place.node
        known = all(one.args and one.args[0].rpartition("/")[2] in _PARAMETERS_ONLY for one in level.missing)
        if known and not _asks_for_file(level) and not level.all("internal"):
            yield Finding("PHP gets every path that ends so, whether or not there is such a file", node.spot(0))


def _asks_for_file(level: Node) -> bool:
    """Whether something looks whether the file is there."""
    server = level.parent
    blocks = [level, *(server.children or () if server is not None and server.inner == "server" else ())]
    asked = [one for one in blocks if one.name == "if"] + level.all("if")
    return bool(level.all("try_files")) or any(
        "-f" in " ".join(one.args) or "-e" in " ".join(one.args) for one in asked
    )


RULE = Rule(
    code="NG223",
    name="script-without-file",
    severity=Severity.NOTE,
    title="scripts are run for paths without a file",
    why="For /uploads/x.jpg/y.php, a PHP with cgi.fix_pathinfo runs x.jpg, which a visitor may have uploaded, unless"
    " its security.limit_extensions keeps it from that. (php.net, FPM configuration.)",
    mend="Write try_files $uri =404 in the location, where nginx has the same files.",
    bad="""\
location ~ \\.php$ {
    fastcgi_pass 127.0.0.1:9000;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
}
""",
    good="""\
location ~ \\.php$ {
    try_files $uri =404;
    fastcgi_pass 127.0.0.1:9000;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
}
""",
    check=_check,
    directives=frozenset({"fastcgi_pass"}),
)
