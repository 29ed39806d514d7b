"""NG169: two things that each are right, and that nginx does not take together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.families import BUFFERED
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in

_STORES = tuple(f"{one}_store" for one in BUFFERED)


def _check(subject: Subject) -> Iterator[Finding]:
    for name, judge in _JUDGES.items():
        for node in subject.configuration.named(name):
            if not node.context.startswith(("stream", "mail")) and not any(map(is_filled_in, node.args)):
                yield from judge(node)


def _beside(node: Node, name: str) -> Node | None:
    return node.parent.first(name) if node.parent is not None else None


def _alias(node: Node) -> Iterator[Finding]:
    if (root := _beside(node, "root")) is not None:
        message = f"root stands beside alias, on line {root.line}, and both say where the files are"
        yield Finding(message, node.spot(), "take one of the two out", ((root.spot(), "the other one"),))


def _log(node: Node) -> Iterator[Finding]:
    path, *words = node.args or ("",)
    if path == "off" and words:
        yield Finding("off stands alone", node.spot(2), "leave the rest out")
        return
    flush = next((at for at, word in enumerate(words, 2) if word.startswith("flush=")), None)
    buffer = next((at for at, word in enumerate(words, 2) if re.match("buffer=|gzip(?:=|$)", word)), None)
    if flush is not None and buffer is None:
        yield Finding("flush is about a buffer, and this log has none", node.spot(flush), "add buffer=64k")
    if buffer is not None and path.startswith("syslog:"):
        yield Finding("what is sent to syslog has no buffer", node.spot(buffer), "leave it out")
    elif buffer is not None and "$" in path:
        yield Finding("a log has no buffer when its path has variables", node.spot(buffer), "leave it out")


def _redirect(node: Node) -> Iterator[Finding]:
    if node.args == ("off",) and node.parent is not None and len(node.parent.all(node.name)) > 1:
        yield Finding("proxy_redirect off stands beside others, and alone says something", node.spot(), "leave it out")
    if node.args != ("default",) or node.parent is None or node.parent.name != "location":
        return
    passed = _beside(node, "proxy_pass")
    if passed is None:
        if node.parent.is_whole:
            yield Finding("proxy_redirect default needs a proxy_pass before it", node.spot(), "leave it out")
    elif passed.start > node.start and passed.file is node.file:
        yield Finding(
            "proxy_redirect default stands before the proxy_pass that it is about", node.spot(), "move it down"
        )
    elif any("$" in one for one in passed.args):
        yield Finding("proxy_redirect default needs a proxy_pass without variables", node.spot(), "write both URLs")


def _families(node: Node) -> Iterator[Finding]:
    if {"ipv4=off", "ipv6=off"} <= set(node.args):
        yield Finding("ipv4=off and ipv6=off leave no address to look for", node.spot(), "leave one of them out")


def _store(node: Node) -> Iterator[Finding]:
    cache = _beside(node, node.name.replace("_store", "_cache"))
    if cache is not None and cache.args[:1] != ("off",) and node.args[:1] != ("off",):
        message = f"{node.name} stands beside {cache.name}, and both keep the answers"
        yield Finding(message, node.spot(), "take one of the two out", ((cache.spot(), "the other one"),))


def _resolved(node: Node) -> Iterator[Finding]:
    group = node.parent if node.context == "upstream" else None
    if group is not None and "resolve" in node.args and group.is_whole and not group.all("zone"):
        message = "addresses that change while nginx runs need a zone in the group"
        yield Finding(message, node.spot(node.args.index("resolve") + 1), f"add zone {''.join(group.args[:1])} 64k")


def _limit(node: Node) -> Iterator[Finding]:
    zone = _zone_of(node)
    beside = node.parent.all(node.name) if node.parent is not None else []
    earlier = next((one for one in beside if one is not node and _zone_of(one) == zone), None)
    if zone and earlier is not None and beside.index(earlier) < beside.index(node):
        message = f"{node.name} counts in {zone} already, on line {earlier.line}"
        yield Finding(message, node.spot(), "take one of the two out", ((earlier.spot(), "the first one"),))


def _zone_of(node: Node) -> str:
    if node.name == "limit_conn":
        return node.args[0] if node.args else ""
    return next((one.removeprefix("zone=") for one in node.args if one.startswith("zone=")), "")


_JUDGES: dict[str, Callable[[Node], Iterator[Finding]]] = {
    "alias": _alias,
    "access_log": _log,
    "resolver": _families,
    "proxy_redirect": _redirect,
    "server": _resolved,
    "limit_req": _limit,
    "limit_conn": _limit,
    **dict.fromkeys(_STORES, _store),
}

RULE = Rule(
    code="NG169",
    name="at-odds",
    severity=Severity.ERROR,
    title="two things that nginx does not take together",
    why="Each of them is right by itself: root and alias, a store and a cache, a time to flush and no buffer, the same"
    " zone limited twice. Beside each other nginx refuses them, with the whole configuration. (Both binaries.)",
    mend="Take one of the two out.",
    bad="""\
location /img/ {
    root /srv;
    alias /srv/images/;
}
""",
    good="""\
location /img/ {
    alias /srv/images/;
}
""",
    check=_check,
    directives=frozenset(_JUDGES),
    is_refused=True,
)
