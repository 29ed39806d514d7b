"""Where nginx cares what stands first: templates of the user's own may print the right lines in a wrong order.

Each rule was measured on nginx 1.22.1 and 1.31.3; `tests/real_nginx/test_order.py` shows what nginx says to each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nginxgen.conf.tree import Statement, Tree, walk


class Rule(NamedTuple):
    """What must stand before what in a block of one of some names."""

    blocks: frozenset[str]
    first: frozenset[str]
    then: frozenset[str]
    why: str


def _rule(blocks: str, first: str, then: str, why: str) -> Rule:
    return Rule(frozenset(blocks.split()), frozenset(first.split()), frozenset(then.split()), why)


_METHODS = "hash ip_hash least_conn least_time random"
RULES = (
    _rule("upstream", _METHODS, "keepalive sticky", "nginx takes the connections that are kept as redefined"),
    _rule("location", "proxy_pass", "proxy_redirect", "nginx must know what the default stands for"),
    _rule("http", "log_format", "access_log server", "nginx looks for a format when a log names it"),
    _rule("http", "map_hash_max_size map_hash_bucket_size", "map", "nginx sets these itself with the first map"),
    _rule("server location", "set rewrite if break", "return", "nothing behind a return is done"),
    _rule("", "load_module", "events http", "nginx wants modules before it uses any"),
)


def find_misplaced(tree: Tree) -> tuple[Statement, str] | None:
    """A statement that stands too late, and why that matters; for texts that come from templates of the user's."""
    for block, inside in _blocks(tree):
        for rule in RULES:
            if block not in rule.blocks and not (block == "" and not rule.blocks):
                continue
            seen: Statement | None = None
            for statement in inside:
                if statement.name in rule.first and seen is not None:
                    return statement, f"{statement.name} must stand before {seen.name}: {rule.why}"
                if seen is None and statement.name in rule.then:
                    seen = statement
    return None


def _blocks(tree: Tree) -> Iterator[tuple[str, Tree]]:
    yield "", tree
    for statement in walk(tree):
        if statement.block:
            yield statement.name, statement.block
