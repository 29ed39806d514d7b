"""NG244: a file whose name the client chooses, as nginx checks no argument or header."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.captures import admits
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import Source, Variables, is_asked_about, names_in

_FILES = ("root", "alias", "auth_basic_user_file", "proxy_store", "ssl_certificate", "ssl_certificate_key")
_CHOSEN = ("$arg_", "$http_", "$cookie_", "$args", "$query_string")


def _check(subject: Subject) -> Iterator[Finding]:
    variables = Variables(subject.configuration)
    for name in _FILES:
        for node in subject.configuration.named(name):
            if not node.args or node.parent is None or is_asked_about(names_in(node.args[0]), node.parent):
                continue
            found = next((one for one in variables.sources(node.args[0], node) if _leads_out(one)), None)
            if found is not None:
                yield Finding(f"{found.spoken} may hold ../ and so lead to any file", node.spot(1))


def _leads_out(source: Source) -> bool:
    """Whether a folder above can be named; nginx takes ``..`` out of paths and refuses it in hosts."""
    is_chosen = source.name.startswith(_CHOSEN) and source.name != "$http_host"
    return is_chosen and (source.pattern is None or admits(source.pattern, "/"))


RULE = Rule(
    code="NG244",
    name="client-chosen-file",
    severity=Severity.ERROR,
    title="a file that the client chooses",
    why="nginx takes .. out of the path of a request, and out of nothing else: ?name=../../etc/passwd or a header with"
    " it opens that file. (Seen on nginx 1.22.1 and 1.31.3.)",
    mend="Choose the file by a map from the client's words to names of yours.",
    bad="""\
location /show {
    alias /srv/pages/$arg_name;
}
""",
    good="""\
http {
    map $arg_name $page {
        default index.html;
        help    help.html;
    }
    server {
        location /show {
            alias /srv/pages/$page;
        }
    }
}
""",
    check=_check,
    directives=frozenset(_FILES),
)
