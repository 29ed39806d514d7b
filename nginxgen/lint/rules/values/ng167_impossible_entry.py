"""NG167: a line of map, geo or split_clients that nginx does not read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.addresses import fault_of_network
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in

_OF_MAP = frozenset({"hostnames", "volatile"})
_OF_GEO = frozenset({"ranges", "proxy_recursive", "volatile", "include"})
_WHOLE = 10_000
"""Hundredths of a percent."""


def _check(subject: Subject) -> Iterator[Finding]:
    for name, judge in (("map", _in_map), ("geo", _in_geo), ("split_clients", _in_split)):
        for block in subject.configuration.named(name):
            if block.children and not any(is_filled_in(one.name) for one in block.children):
                yield from judge(block, block.children)


def _in_map(block: Node, lines: list[Node]) -> Iterator[Finding]:
    defaults = [one for one in lines if one.name == "default"]
    for one in defaults[1:]:
        yield Finding(f"map {block.args[-1]} has two defaults", one.spot(), also=((defaults[0].spot(), "the first"),))
    has_wildcards = any(one.name == "hostnames" for one in lines)
    first: dict[str, Node] = {}
    for one in lines:
        if one.name in ("default", "include"):
            continue
        if not one.args and one.name not in _OF_MAP:
            yield Finding(f"{one.name} is mapped to nothing", one.spot(), "write two words, or hostnames or volatile")
        elif len(one.args) > 1:
            yield Finding(
                f"{one.name} is mapped to {len(one.args)} words", one.spot(), 'put the value into quotes: "…"'
            )
        elif not one.name.startswith("~"):
            if has_wildcards and "*" in one.name[1:-1]:
                help = "an asterisk stands for the first parts or the last ones"
                yield Finding(f"{one.name} is no host's name", one.spot(0), help)
            key = one.name.lower()  # ngx_http_map: hash keys are in lower case
            if (earlier := first.setdefault(key, one)) is not one:
                message = f"{one.name} is mapped already, on line {earlier.line}"
                yield Finding(message, one.spot(), "take one of the two out", ((earlier.spot(), "the first one"),))


def _in_geo(block: Node, lines: list[Node]) -> Iterator[Finding]:
    is_of_ranges = any(one.name == "ranges" for one in lines)
    for one in lines if is_of_ranges else ():
        low, dash, high = one.name.partition("-")
        if dash and not _is_range(low, high):
            yield Finding(f"{one.name} is no range of addresses", one.spot(0), "write the lower address first")
    for one in lines:
        if one.name in _OF_GEO:
            continue
        if len(one.args) != 1:
            yield Finding(f"{one} has not two words", one.spot(), "write an address or network, and one value")
            continue
        at, word = (1, one.args[0]) if one.name in ("delete", "proxy") else (0, one.name)
        if word != "default" and not is_of_ranges and (fault := fault_of_network(word)) is not None:
            yield Finding(f"{word}: {fault}", one.spot(at), "write an address, a network or default")


def _is_range(low: str, high: str) -> bool:
    try:
        return int(IPv4Address(low)) <= int(IPv4Address(high))
    except ValueError:
        return False


def _in_split(block: Node, lines: list[Node]) -> Iterator[Finding]:
    total = 0
    for one in lines:
        if one.name == "include":
            continue
        if one.name == "*":
            if one is not lines[-1]:
                yield Finding("* is what the others leave, and stands last", one.spot(0), "move it to the end")
                return
            continue
        found = re.fullmatch(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?%", one.name)
        if found is None:
            yield Finding(f"{one.name} is no share", one.spot(0), "write 2.5%, or * for the rest")
            return
        total += int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
        if total > _WHOLE:
            yield Finding(f"the shares are more than 100% from {one.name} on", one.spot(0))
            return


RULE = Rule(
    code="NG167",
    name="impossible-entry",
    severity=Severity.ERROR,
    title="a line of a table that nginx does not read",
    why="In map a line has two words, and one is the default; geo knows addresses and networks; split_clients shares"
    " of at most 100% in all. nginx refuses the configuration for anything else.",
    mend="Write the line as the table has it.",
    bad="""\
http {
    geo $office {
        defualt 0;
        192.0.2.0/24 1;
    }
}
""",
    good="""\
http {
    geo $office {
        default 0;
        192.0.2.0/24 1;
    }
}
""",
    check=_check,
    directives=frozenset({"map", "geo", "split_clients"}),
    is_refused=True,
)
