"""NG168: a name of a format, zone or cache that is defined a second time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.families import BUFFERED
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.sizes import in_bytes
from nginxgen.lint.templates import is_filled_in

_CACHES = frozenset(f"{one}_cache_path" for one in BUFFERED)
_ZONES = frozenset({"limit_req_zone", "limit_conn_zone"})
_DEFINING = frozenset({"log_format", "thread_pool"}) | _ZONES | _CACHES
_SIZED = ("ssl_session_cache", "zone")
_PREDEFINED = "combined"


def _check(subject: Subject) -> Iterator[Finding]:
    yield from _names(subject)
    yield from _sizes(subject)


def _names(subject: Subject) -> Iterator[Finding]:
    first: dict[tuple[Node, str, str, str], Node] = {}
    for node in subject.configuration.walk():
        if node.name not in _DEFINING or node.parent is None or node.parent.is_free_form:
            continue
        for at, kind, name in _defined(node):
            if name == _PREDEFINED and kind == "log format" and node.context == "http":
                yield Finding(f"the log format {name} is one of nginx's own", node.spot(at), "give it another name")
                continue
            earlier = first.setdefault((node.root, node.context.partition(" ")[0], kind, name), node)
            if earlier is not node and not is_filled_in(name):
                message = f"the {kind} {name} is there already, on line {earlier.line}"
                if earlier.file is not node.file:
                    message += f" of {earlier.file.name}"
                yield Finding(message, node.spot(at), None, ((earlier.spot(), "the first one"),))


def _sizes(subject: Subject) -> Iterator[Finding]:
    """Zones that several directives name, each with a size."""
    first: dict[tuple[Node, str, str], tuple[Node, str]] = {}
    for name in _SIZED:
        for node in subject.configuration.named(name):
            for at, zone, size in _sized(node):
                earlier, said = first.setdefault((node.root, name, zone), (node, size))
                if in_bytes(said) != in_bytes(size):
                    message = f"the zone {zone} has {said} on line {earlier.line}, and {size} here"
                    yield Finding(message, node.spot(at), "write one size", ((earlier.spot(), "the first one"),))


def _sized(node: Node) -> Iterator[tuple[int, str, str]]:
    if node.name == "zone" and node.context == "upstream" and len(node.args) == 2:
        yield 2, *node.args
    elif node.name == "ssl_session_cache" and not node.context.startswith(("stream", "mail")):
        for at, word in enumerate(node.args, 1):
            if found := re.fullmatch("shared:([^:]+):([0-9]+[kKmM]?)", word):
                yield at, found[1], found[2]


def _defined(node: Node) -> Iterator[tuple[int, str, str]]:
    """What a directive gives a name to: the parameter, the kind and the name."""
    if node.name == "log_format" and node.args:
        yield 1, "log format", node.args[0]
    elif node.name == "thread_pool" and node.args:
        yield 1, "thread pool", node.args[0]
    for at, word in enumerate(node.args, 1):
        if node.name in _ZONES and word.startswith("zone="):
            yield at, "zone", word.removeprefix("zone=").partition(":")[0]
        elif node.name in _CACHES and word.startswith("keys_zone="):
            yield at, "zone", word.removeprefix("keys_zone=").partition(":")[0]
    if node.name in _CACHES and node.args:
        yield 1, "folder of a cache", node.args[0].rstrip("/")


RULE = Rule(
    code="NG168",
    name="defined-twice",
    severity=Severity.ERROR,
    title="a format, zone or cache that is defined twice",
    why="Names of log formats, shared zones, thread pools and folders of caches are there once for all of nginx, in"
    ' whichever file they stand; it refuses the second one: "duplicate", "is already bound to key". (Both binaries.)',
    mend="Take one of the two out, or give it a name of its own.",
    bad="""\
http {
    log_format brief "$remote_addr $status";
    log_format brief "$remote_addr $status $request_time";
}
""",
    good="""\
http {
    log_format brief "$remote_addr $status";
    log_format timed "$remote_addr $status $request_time";
}
""",
    check=_check,
    directives=_DEFINING | frozenset(_SIZED),
    is_refused=True,
)
