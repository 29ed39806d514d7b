"""NG161: a log format or a zone that nobody defines."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Configuration, Node
from nginxgen.lint.definitions import is_complete
from nginxgen.lint.families import BUFFERED
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in

_LOG_PARAMETERS = ("buffer=", "gzip", "flush=", "if=")


def _check(subject: Subject) -> Iterator[Finding]:
    configuration = subject.configuration
    if not is_complete(configuration):
        return
    defined = _defined(configuration)
    for node in configuration.walk():
        for kind, at, name in _used(node):
            if name not in defined[kind] and "$" not in name and not is_filled_in(name):
                close = get_close_matches(name, defined[kind], n=1)
                help = f"did you mean {close[0]}?" if close else f"define it with {_DEFINING[kind]}"
                yield Finding(f"nothing defines the {kind} {name}", node.spot(at), help)


_DEFINING = {
    "log format": "log_format",
    "request zone": "limit_req_zone",
    "connection zone": "limit_conn_zone",
    "thread pool": "thread_pool",
    "size of the zone": "zone",
} | {f"{one} cache": f"{one}_cache_path" for one in BUFFERED}


def _defined(configuration: Configuration) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {kind: set() for kind in _DEFINING}
    found["log format"].add("combined")
    found["thread pool"].add("default")
    for kind, directive in _DEFINING.items():
        for node in configuration.named(directive):
            if kind == "size of the zone":
                found[kind].update(node.args[:1] if len(node.args) > 1 else ())
            elif kind in ("log format", "thread pool"):
                found[kind].update(node.args[:1])
            prefix = "keys_zone=" if directive.endswith("_cache_path") else "zone="
            found[kind].update(one.removeprefix(prefix).split(":")[0] for one in node.args if one.startswith(prefix))
    return found


def _used(node: Node) -> Iterator[tuple[str, int, str]]:
    """The names that a directive asks for: what they name, which parameter it is, and the name."""
    args = node.args
    if node.context.startswith(("stream", "mail")):
        return
    if node.name == "access_log" and len(args) > 1 and not args[1].startswith(_LOG_PARAMETERS) and args[0] != "off":
        yield "log format", 2, args[1]
    elif node.name == "limit_req":
        yield from (
            ("request zone", at, one.removeprefix("zone=")) for at, one in enumerate(args, 1) if one.startswith("zone=")
        )
    elif node.name == "aio" and args and args[0].startswith("threads="):
        yield "thread pool", 1, args[0].removeprefix("threads=")
    elif node.name == "zone" and node.context == "upstream" and len(args) == 1:
        yield "size of the zone", 1, args[0]
    elif node.name == "limit_conn" and len(args) == 2:
        yield "connection zone", 1, args[0]
    elif node.name.endswith("_cache") and node.name[:-6] in BUFFERED and args and args[0] != "off":
        yield f"{node.name[:-6]} cache", 1, args[0]


RULE = Rule(
    code="NG161",
    name="undefined-name",
    severity=Severity.ERROR,
    title="a log format or zone that is not defined",
    why='nginx refuses it, with "unknown log format" or the riddle "zero size shared memory zone". Looked'
    " for only where every file is known.",
    mend="Define it in http, or write the name of one that is defined.",
    bad="""\
events {}
http {
    limit_req_zone $binary_remote_addr zone=clients:10m rate=10r/s;
    server {
        listen 8080;
        limit_req zone=client burst=20;
    }
}
""",
    good="""\
events {}
http {
    limit_req_zone $binary_remote_addr zone=clients:10m rate=10r/s;
    server {
        listen 8080;
        limit_req zone=clients burst=20;
    }
}
""",
    check=_check,
    is_refused=True,
)
