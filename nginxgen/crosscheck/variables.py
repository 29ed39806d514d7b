"""Variables in expressions: whether nginx or the file knows them, and whether captures have a regular expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from nginxgen.conf.facts import variable_prefixes, variables
from nginxgen.conf.tree import Directive
from nginxgen.diagnostic import Diagnostic, error
from nginxgen.model.block import Block
from nginxgen.model.cluster import Cluster
from nginxgen.model.expressions import expressions
from nginxgen.model.hatch import Open
from nginxgen.model.location import Location
from nginxgen.model.maps import Geo, Map, MapEntry, SplitClients
from nginxgen.model.records import Rewriting
from nginxgen.model.server import Server
from nginxgen.model.serving import Serving
from nginxgen.model.text import DOLLAR, variables_in
from nginxgen.model.walk import Blocks
from nginxgen.source import Path

_NAMED_CAPTURE = re.compile(r"\(\?P?[<']([A-Za-z_][A-Za-z0-9_]*)[>']")
_MAKERS = {
    "set": 0,
    "auth_request_set": 0,
    "perl_set": 0,
    "js_set": 0,
    "js_var": 0,
    "geoip_country": 0,
    "map": 1,
    "geo": -1,
}
"""Directives of the escape hatch that make variables, and which of their words names it."""


def check(cluster: Cluster, blocks: Blocks) -> Iterator[Diagnostic]:
    """Variables that nobody defines."""
    if cluster.nginx.load_module or cluster.nginx.include or _includes(blocks):
        return  # whatever is loaded or included may define any
    known = set(_made(blocks))
    captures = _places_of_captures(blocks)
    for path, block in blocks:
        for key, text in expressions(block):
            for name in variables_in(text):
                if name.isdigit():
                    if not any(path[: len(place)] == place for place in captures):
                        help = f'nginx would put nothing there; for a "$" itself write ${{{DOLLAR}}}'
                        yield error("NG022", f"${name} is no part of a regular expression here", (*path, *key), help)
                elif not _is_known(name, known):
                    yield error("NG021", f"nginx has no variable ${name}", (*path, *key), _near(name, known))


def _made(blocks: Blocks) -> Iterator[str]:
    """The variables that the file makes itself."""
    yield DOLLAR
    for _, block in blocks:
        if isinstance(block, Map | Geo | SplitClients):
            yield block.variable[1:].lower()
        if isinstance(block, Serving):
            yield from (name[1:].lower() for name in block.auth_request_set)
        if isinstance(block, Open):
            yield from (name for directive in block.directives for name in _made_by(directive))
        for text in _patterns(block):
            yield from (name.lower() for name in _NAMED_CAPTURE.findall(text))


def _made_by(directive: Directive) -> Iterator[str]:
    for word in directive.args:
        yield from (name.lower() for name in _NAMED_CAPTURE.findall(word))
    at = _MAKERS.get(directive.name)
    if at is not None and len(directive.args) > at:
        yield directive.args[at].lstrip("$").lower()
    for inner in directive.block or ():
        yield from _made_by(inner)


def _patterns(block: Block) -> Iterator[str]:
    if isinstance(block, Location):
        yield block.match.pattern
    elif isinstance(block, Server):
        yield from block.server_name
    elif isinstance(block, MapEntry):
        yield block.key


def _places_of_captures(blocks: Blocks) -> list[Path]:
    """The blocks in which a regular expression may have captured something."""
    places: list[Path] = []
    for path, block in blocks:
        is_regex = (
            (isinstance(block, Location) and block.match.is_regex)
            or (isinstance(block, Server) and any(name.startswith("~") for name in block.server_name))
            or (isinstance(block, MapEntry) and block.key.startswith("~"))
            or (isinstance(block, Rewriting) and block.pattern.startswith("~"))
        )
        if is_regex or (isinstance(block, Open) and any(one.name in ("rewrite", "if") for one in block.directives)):
            places.append(path)
    if any(path[0] == "http" for path in places):
        places.append(())  # a map is evaluated wherever its variable stands
    return places


def _includes(blocks: Blocks) -> bool:
    return any(
        (isinstance(block, Serving) and block.include)
        or (isinstance(block, Open) and any(one.name == "include" for one in block.directives))
        for _, block in blocks
    )


def _is_known(name: str, made: set[str]) -> bool:
    folded = name.lower()
    return folded in variables() or folded in made or folded.startswith(tuple(variable_prefixes()))


def _near(name: str, made: set[str]) -> str | None:
    close = get_close_matches(name.lower(), [*variables(), *made], n=1)
    return f"did you mean ${close[0]}?" if close else "a map, a set or a named capture can make one"
