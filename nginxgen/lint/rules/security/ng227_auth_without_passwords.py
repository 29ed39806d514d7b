"""NG227: auth_basic that asks nobody, because no file of passwords is named."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject

_FILE = "auth_basic_user_file"


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("auth_basic"):
        level = node.parent
        if level is None or node.args[:1] == ("off",) or not level.knows(_FILE) or level.effective(_FILE):
            continue
        if not any(one.name == _FILE for one in level.walk()) and not _asked_otherwise(level):
            yield Finding("nobody is asked for a password, since no file of passwords is named", node.spot(0))


def _asked_otherwise(level: Node) -> bool:
    """Whether another module, such as one for PAM or LDAP, takes the realm from auth_basic."""
    return any(one.name.startswith("auth_") and not one.name.startswith("auth_basic") for one in level.children or ())


RULE = Rule(
    code="NG227",
    name="auth-without-passwords",
    severity=Severity.ERROR,
    title="auth_basic without a file of passwords",
    why="Without auth_basic_user_file nginx lets everybody in, and says nothing of it. (ngx_http_auth_basic_module;"
    " seen on nginx 1.22.1 and 1.31.3.)",
    mend="Name the file in auth_basic_user_file.",
    bad="""\
http {
    server {
        location /admin/ {
            auth_basic "for members";
        }
    }
}
""",
    good="""\
http {
    server {
        location /admin/ {
            auth_basic "for members";
            auth_basic_user_file /etc/nginx/members;
        }
    }
}
""",
    check=_check,
    directives=frozenset({"auth_basic"}),
)
