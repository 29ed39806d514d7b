"""NG208: a backend that the client chooses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.captures import admits
from nginxgen.lint.locations import location, server_around
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import PASSES, Url, passes, url
from nginxgen.lint.variables import DECODED, Source, Variables, is_asked_about, names_in

_ENDS_HOST = "/?#"
_LITERALS = re.compile(r"[\w-]+(?:\|[\w-]+)*")


def _check(subject: Subject) -> Iterator[Finding]:
    variables = Variables(subject.configuration)
    for node, address in passes(subject.configuration):
        if node.parent is None or _is_asked_for(node):
            continue
        found = next(_choosing(address, node, variables), None)
        if found is not None:
            yield Finding(f"{found.spoken} lets the client choose the host that {node.name} asks", node.spot(1))


def _choosing(address: Url, node: Node, variables: Variables) -> Iterator[Source]:
    """What of a client's is in the host; a variable that is the whole address is looked at where it is set."""
    made = variables.sets_of(address.text, node)
    for text, at in [(_host_text(url(one.args[1])), one) for one in made] or [(_host_text(address), node)]:
        asked = names_in(text) + names_in(address.text)
        for source in variables.sources(text, at):
            if _chooses(source, text, node) and not is_asked_about([source.name[1:], *asked], node.parent or node):
                yield source._replace(written=address.text) if made else source


def _host_text(address: Url) -> str:
    """What the client must not write: the host, and the scheme, in which a whole address has room."""
    if "://" not in address.text:
        return address.text.partition("/")[0]
    # In $scheme there is no room for more, unlike in a variable that somebody fills.
    has_room = "$" in address.scheme and address.scheme not in ("$scheme", "${scheme}")
    return address.scheme if has_room and "$" not in address.authority else address.authority


def _is_asked_for(node: Node) -> bool:
    """Whether only nginx itself comes here: a named location, or an internal one."""
    found = [place for level in node.around() if (place := location(level)) is not None]
    return any(place.is_named or place.node.all("internal") for place in found)


def _chooses(source: Source, text: str, node: Node) -> bool:
    """Whether what a client writes can be a host of its own choice."""
    if source.pattern is None and source.origin in ("request_uri", *DECODED):
        return text.replace("{", "").startswith(
            source.written
        )  # it has a slash in front, which ends what stands before
    if source.name == "$host":
        return _is_whole_host(text) and not _has_names_only(node)
    if source.pattern is None:
        return True
    if _LITERALS.fullmatch(source.pattern) or source.origin in ("host", "http_host"):
        return False  # names that were chosen by a pattern
    return _is_whole_host(text) or admits(source.pattern, _ENDS_HOST)


def _is_whole_host(text: str) -> bool:
    return re.fullmatch(r"(?:\$\w+|\$\{\w+\})(?::\S*)?", text) is not None


def _has_names_only(node: Node) -> bool:
    """Whether the server is asked for names that it says; else for any."""
    server = server_around(node)
    if server is None:
        return True
    names = [name for one in server.all("server_name") for name in one.args]
    return bool(names) and not any(name in ("_", "", "*") or name.startswith("~") for name in names)


RULE = Rule(
    code="NG208",
    name="open-proxy",
    severity=Severity.ERROR,
    title="a backend that the client chooses",
    why="The request goes wherever a header, an argument or the path says: to the machine's own services, to the"
    " internal network, to a cloud's metadata, and strangers use it as a proxy. (ngx_http_proxy_module; seen on the"
    " wire.)",
    mend="Choose the host by a map from the client's words to hosts of yours, or write it down.",
    bad="""\
location / {
    resolver 127.0.0.1;
    proxy_pass http://$arg_host;
}
""",
    good="""\
http {
    map $arg_host $backend {
        default 127.0.0.1:8080;
        images  127.0.0.1:8081;
    }
    server {
        location / {
            proxy_pass http://$backend;
        }
    }
}
""",
    check=_check,
    directives=frozenset(PASSES),
)
