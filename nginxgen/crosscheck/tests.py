"""Tests: whether the groups and servers that they name are there."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from nginxgen.diagnostic import Diagnostic, error
from nginxgen.model.cluster import Cluster
from nginxgen.model.test import NONE, Test
from nginxgen.model.walk import Blocks
from nginxgen.source import Path


def check(cluster: Cluster, blocks: Blocks) -> Iterator[Diagnostic]:
    """Tests that name a group or a server that is not there."""
    for at, test in enumerate(cluster.test):
        if test.upstream not in (None, NONE) or test.server is not None:
            yield from _names(test, ("test", at), cluster)


def _names(test: Test, path: Path, cluster: Cluster) -> Iterator[Diagnostic]:
    groups = {name.lower(): group for name, group in cluster.upstream.items()}
    named = test.upstream if test.upstream != NONE else None
    if named is not None and named.lower() not in groups:
        close = get_close_matches(named, cluster.upstream, n=1)
        also = ((("upstream", close[0]), f'did you mean "{close[0]}"?'),) if close else ()
        help = None if close else f"write [upstream.{named}], or leave the group out"
        yield error("NG012", f'upstream "{named}" is not defined', (*path, "upstream"), help, also=also)
    elif named is not None and test.server is not None and not groups[named.lower()].workers:
        known = [one.address for one in groups[named.lower()].servers]
        if test.server not in known and f"{test.server}:80" not in known and not groups[named.lower()].directives:
            close = get_close_matches(test.server, known, n=1)
            help = f'did you mean "{close[0]}"?' if close else f"there are {', '.join(known[:8])}"
            yield error("NG012", f'{test.server} is no server of "{named}"', (*path, "server"), help)
