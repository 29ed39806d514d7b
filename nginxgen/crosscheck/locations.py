"""Locations: one action each, each reachable, and what nginx forbids in some kinds of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nginxgen.diagnostic import Diagnostic, error, warning
from nginxgen.model.cluster import Cluster
from nginxgen.model.location import Location
from nginxgen.model.names import Match
from nginxgen.model.walk import Blocks
from nginxgen.source import Path

_ACTIONS = ("upstream", "proxy_pass", "fastcgi_pass", "uwsgi_pass", "grpc_pass", "return_", "stub_status", "empty_gif")
_EVERYTHING = frozenset({"", ".", ".*", "^", "^.", "^.*", "/", "^/", "^/.*", ".*$", "^.*$", "^/.*$"})


def check(cluster: Cluster, blocks: Blocks) -> Iterator[Diagnostic]:
    """What is wrong with locations."""
    for at, server in enumerate(cluster.server):
        path: Path = ("server", at)
        yield from _siblings(server.location, None, path)
        if server.return_ is not None and server.location:
            also = (((*path, "location", 0), "the first of them is here"),)
            help = "a server's return answers before any location is looked for"
            yield warning(
                "NG015", "no request reaches this server's locations", (*path, "return"), help, also=also, key=True
            )


def _siblings(locations: tuple[Location, ...], parent: Location | None, base: Path) -> Iterator[Diagnostic]:
    seen: dict[tuple[str, str], Path] = {}
    swallowed: Path | None = None
    for at, location in enumerate(locations):
        path = (*base, "location", at)
        yield from _location(location, parent, path)
        match = location.match
        kind = "prefix" if match.modifier in ("", "^~") else match.modifier
        first = seen.setdefault((kind, match.pattern), path)
        if first != path:
            also = (((*first, "path"), "the first one is here"),)
            yield error(
                "NG015",
                f'the location "{match}" is there already',
                (*path, "path"),
                "nginx refuses the second one",
                also=also,
            )
        elif match.is_regex and swallowed:
            also = (((*swallowed, "path"), "this one matches everything"),)
            help = "nginx takes the first regular expression that matches; put the narrow ones first"
            yield error("NG015", f'no request reaches the location "{match}"', (*path, "path"), help, also=also)
        if match.is_regex and match.pattern in _EVERYTHING:
            swallowed = swallowed or path
        yield from _siblings(location.location, location, path)


def _location(location: Location, parent: Location | None, path: Path) -> Iterator[Diagnostic]:
    yield from _one_action(location, path)
    yield from _pattern(location.match, path)
    if parent is not None:
        yield from _nesting(location.match, parent.match, path)
    if location.websocket and location.upstream is None and location.proxy_pass is None:
        yield error("NG016", "websocket needs an upstream or a proxy_pass", (*path, "websocket"), key=True)
    if location.alias and location.match.modifier == "@":
        yield error(
            "NG016", "a named location has no path that an alias could stand for", (*path, "alias"), "write root"
        )
    target = location.proxy_pass
    if target and (location.match.is_regex or location.match.modifier == "@") and _has_uri(target):
        kind = "given by a regular expression" if location.match.is_regex else "with a name"
        help = "leave the part behind the host out; what the location gets is passed on as it is"
        yield error("NG016", f"proxy_pass cannot have a URI in a location {kind}", (*path, "proxy_pass"), help)
    if (
        location.alias
        and location.path.endswith("/") != location.alias.endswith("/")
        and location.match.modifier in ("", "^~")
    ):
        trap = location.match.pattern.rstrip("/") + "../"
        danger = (
            f'"{trap}" leaves the folder' if location.alias.endswith("/") else "names that begin alike are served too"
        )
        help = f'with "{location.path}" and this alias, {danger}; end both with "/"'
        yield warning("NG024", "the path and its alias do not both end with a slash", (*path, "alias"), help)


def _one_action(location: Location, path: Path) -> Iterator[Diagnostic]:
    said = location.said()
    actions = [name for name in _ACTIONS if name in said]
    if "return_" in actions:
        actions += [name for name in ("try_files", "alias") if name in said]
    if "alias" in said:
        actions += ["alias"] if "root" in said else []
        actions += ["root"] if "root" in said else []
    for name in actions[1:]:
        also = (((*path, actions[0].rstrip("_")), f"{actions[0].rstrip('_')} stands here"),)
        message = f"a location has one action: {actions[0].rstrip('_')} or {name.rstrip('_')}"
        yield error("NG016", message, (*path, name.rstrip("_")), "keep one, or make two locations", also=also, key=True)


def _pattern(match: Match, path: Path) -> Iterator[Diagnostic]:
    """Patterns that no request matches: nginx compares decoded paths, with "//" and ".." already resolved."""
    if match.is_regex or match.modifier == "@":
        return
    for sign, reason in (
        ("?", "a request's arguments are no part of what locations match"),
        ("//", "nginx makes one slash of two before it looks (merge_slashes)"),
        ("/../", 'nginx resolves ".." before it looks'),
        ("/./", 'nginx resolves "." before it looks'),
    ):
        if sign in match.pattern:
            yield warning("NG015", f'no request matches "{match}"', (*path, "path"), reason)


def _nesting(match: Match, parent: Match, path: Path) -> Iterator[Diagnostic]:
    where = (*path, "path")
    if parent.modifier in ("=", "@"):
        yield error("NG015", f'nginx allows no location inside "{parent}"', where, "put it beside it")
    elif match.modifier == "@":
        yield error("NG015", "a named location stands in the server itself", where, "put it beside the others")
    elif not match.is_regex and not match.pattern.startswith(parent.pattern):
        yield error("NG015", f'"{match}" is outside "{parent}", in which it stands', where, "no request reaches it")


def _has_uri(target: str) -> bool:
    rest: Any = target.split("://", 1)[-1]
    if "$" in rest:
        return False
    return ":/" in rest.removeprefix("unix:") if rest.startswith("unix:") else "/" in rest
