"""NG222: files that are no scripts are run as scripts, because a pattern has no end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.locations import location_around
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import passes

_ENDING = re.compile(r"(?<![\w.*])?\\\.\(?(?:\?:)?((?:php|cgi|pl|py|phtml)\d?)\)?(?P<behind>.*)", re.DOTALL)
_HELD = re.compile(r"\s*[)?]*(?:\$|/|\(\?:?[/$]|\(/|\(\$|\(\.\*|\[\^|\(\?[=!<]|\||\[|\\|\.\w|\(\|).*", re.DOTALL)


def _check(subject: Subject) -> Iterator[Finding]:
    for node, _ in passes(subject.configuration, "fastcgi_pass", "scgi_pass"):
        place = location_around(node)
        if place is None or not place.is_regex or place.node.effective("fastcgi_split_path_info"):
            continue
        found = _ENDING.search(place.path)
        if found and not _HELD.match(found["behind"]) and place.node.is_whole:
            message = f"{place.path} matches /upload.{found[1]}.jpg too, which is then run"
            yield Finding(message, place.node.spot(place.word), "write $ behind it")


RULE = Rule(
    code="NG222",
    name="loose-script",
    severity=Severity.WARNING,
    title="files that are no scripts are run",
    why="A regular expression matches anywhere in the path unless $ holds it: a picture that somebody uploads as"
    " x.php.jpg goes to PHP. (Seen on nginx 1.22.1 and 1.31.3.)",
    mend="Write $ behind the ending.",
    bad="""\
location ~ \\.php {
    fastcgi_pass 127.0.0.1:9000;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
}
""",
    good="""\
location ~ \\.php$ {
    fastcgi_pass 127.0.0.1:9000;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
}
""",
    check=_check,
    directives=frozenset({"fastcgi_pass", "scgi_pass"}),
)
