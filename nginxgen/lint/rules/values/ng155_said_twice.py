"""NG155: a directive that may stand once, twice on one level."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.conf.facts import forms_in
from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject

_REPEATED = re.compile(
    "allow|deny|ancient_browser_value|modern_browser_value|debug_connection|degradation|degrade|env|include|load_module"
    "|fastcgi_catch_stderr|geoip_proxy|mirror|perl_modules|perl_require|set_real_ip_from|xml_entities"
    r"|ssl_certificate(?:_key)?|ssl_ech_file|ssl_session_ticket_key|\w+_(?:hide|pass)_header|(?:http2|spdy)_\w+"
)
"""With one parameter each, they may be repeated, as both binaries say in tests/lint/test_values.py; nginx ignores old
ones of HTTP/2."""
_WITH_MORE = frozenset(
    {"try_files", "client_body_temp_path", "proxy_temp_path", "large_client_header_buffers", "keepalive"}
)
_BLOCKS = frozenset({"events", "http", "stream", "mail"})


def _check(subject: Subject) -> Iterator[Finding]:
    configuration = subject.configuration
    for level in (*configuration.roots, *configuration.walk()):
        if not level.children or level.is_free_form:
            continue
        first: dict[str, Node] = {}
        for node in level.children:
            earlier = first.setdefault(node.name, node)
            if earlier is not node and stands_once(node):
                message = f"{node.name} stands here already, on line {earlier.line}"
                if earlier.file is not node.file:
                    message += f" of {earlier.file.name}"
                yield Finding(message, node.spot(0), None, ((earlier.spot(), "the first one"),))


def stands_once(node: Node) -> bool:
    """Whether nginx refuses a directive for standing on its level a second time."""
    name = node.name
    if name in _WITH_MORE or (name in _BLOCKS and node.context == "main"):
        return True
    if node.children is not None or _REPEATED.fullmatch(name):
        return False
    forms = forms_in(name, node.context)
    return bool(forms) and all(form.args in (("FLAG",), ("TAKE1",)) and not form.block for form in forms)


RULE = Rule(
    code="NG155",
    name="said-twice",
    severity=Severity.ERROR,
    title="a directive that may stand only once",
    why='nginx refuses the configuration with "directive is duplicate"; it is easily overlooked when one of the two'
    " comes out of an included file. (Measured on both binaries.)",
    mend="Take one of the two out.",
    bad="""\
server {
    listen 8080;
    root /srv/a;
    root /srv/b;
}
""",
    good="""\
server {
    listen 8080;
    root /srv/b;
}
""",
    check=_check,
    is_refused=True,
)
