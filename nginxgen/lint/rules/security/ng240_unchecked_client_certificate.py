"""NG240: client certificates that are asked for, and that nobody looks at."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.variables import names_in

_OPTIONAL = ("optional", "optional_no_ca")


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("ssl_verify_client"):
        if (
            node.parent is None
            or node.args[:1] not in [(one,) for one in _OPTIONAL]
            or node.context.startswith("stream")
        ):
            continue
        if node.root.inner == "main" and not any(map(_looks, node.root.walk())) and _is_all_known(node.root):
            message = f"with {node.args[0]} everybody comes in, and nothing here looks at $ssl_client_verify"
            yield Finding(message, node.spot(1))


def _looks(node: Node) -> bool:
    """Whether a directive uses what is known of the certificate; scripts of other languages may."""
    words = (node.name, *node.args)
    return (
        "_by_lua" in node.name
        or node.name.startswith(("js_", "perl"))
        or any(name.startswith("ssl_client_") for word in words for name in names_in(word))
    )


def _is_all_known(root: Node) -> bool:
    return root.is_whole and all(one.is_whole for one in root.walk())


RULE = Rule(
    code="NG240",
    name="unchecked-client-certificate",
    severity=Severity.ERROR,
    title="client certificates that nobody looks at",
    why="optional lets in who shows none, optional_no_ca also who shows one that anybody made: nginx only puts the"
    " outcome into $ssl_client_verify. (ngx_http_ssl_module.)",
    mend="Write ssl_verify_client on, or refuse where $ssl_client_verify is not SUCCESS, or pass it to the backend.",
    bad="""\
http {
    server {
        ssl_verify_client optional_no_ca;
    }
}
""",
    good="""\
http {
    server {
        ssl_verify_client optional_no_ca;
        if ($ssl_client_verify != SUCCESS) {
            return 403;
        }
    }
}
""",
    check=_check,
    directives=frozenset({"ssl_verify_client"}),
)
