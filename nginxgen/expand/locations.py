"""Locations, filled in: what answers, what it is told, and what is sent back with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from nginxgen.expand import headers
from nginxgen.expand.serving import WEBSOCKET_TIMEOUT, always, expand_serving, merge_add_headers, merge_table
from nginxgen.expand.work import Work
from nginxgen.model.http import Http
from nginxgen.model.location import Location
from nginxgen.model.records import AddHeader
from nginxgen.model.server import Server
from nginxgen.source import Path


class Outer(NamedTuple):
    """What the levels around a location say of headers: nginx lets a location have all of it or none."""

    add_header: tuple[AddHeader, ...]
    hsts: tuple[AddHeader, ...]
    tables: dict[str, Mapping[str, Any]]

    @classmethod
    def of(cls, http: Http) -> Outer:
        """What the http level says."""
        return cls((), (), {}).inside(http)

    def inside(self, level: Http | Server | Location) -> Outer:
        """The same with what one more level says."""
        tables = {name: merge_table(self.tables.get(name, {}), getattr(level, name)) for name in _TABLES}
        return Outer(merge_add_headers(self.add_header, level.add_header), self.hsts, tables)


_TABLES = ("proxy_set_header", "grpc_set_header", "fastcgi_param", "uwsgi_param")


def expand_location(location: Location, outer: Outer, path: Path, work: Work) -> Location:
    """A location, and those inside it, as nginx is told them."""
    said = location.said()
    expand_serving(said, path, work)
    if (upstream := said.pop("upstream", None)) is not None:
        said["proxy_pass"] = f"http://{upstream}"
        work.origins[(*path, "proxy_pass")] = (*path, "upstream")
    websocket = said.pop("websocket", None)
    if work.recommended:
        _recommend(said, location, outer, path, work)
    elif location.add_header:
        said["add_header"] = merge_add_headers(outer.hsts, said["add_header"])
    if websocket:
        _websocket(said, location, outer, path, work)
    inner = outer.inside(location)
    said["location"] = tuple(
        expand_location(one, inner, (*path, "location", at), work) for at, one in enumerate(location.location)
    )
    return Location.trusted(said)


def _recommend(said: dict[str, Any], location: Location, outer: Outer, path: Path, work: Work) -> None:
    if location.add_header:
        said["add_header"] = always(merge_add_headers(outer.add_header, location.add_header))
    if "proxy_pass" in said:
        whole = headers.proxy_headers(work, path)
        said["proxy_set_header"] = _whole("proxy_set_header", whole, location, outer)
    if "grpc_pass" in said:
        said["grpc_set_header"] = _whole("grpc_set_header", headers.grpc_headers(work, path), location, outer)
    if "fastcgi_pass" in said:
        # Connections are not kept here: a process of php-fpm serves one, and idle ones would shut others out. (With one
        # process the second client waited until it timed out.)
        said["fastcgi_param"] = _whole("fastcgi_param", headers.fastcgi_params(work, path), location, outer)
    if "uwsgi_pass" in said:
        said["uwsgi_param"] = _whole("uwsgi_param", headers.uwsgi_params(work, path), location, outer)


def _whole(name: str, ours: Mapping[str, Any], location: Location, outer: Outer) -> Mapping[str, Any]:
    """Ours, what outer levels say, and what the location says, each over the one before."""
    return merge_table(merge_table(ours, outer.tables[name]), getattr(location, name))


def _websocket(said: dict[str, Any], location: Location, outer: Outer, path: Path, work: Work) -> None:
    asked = (*path, "websocket")
    # What nginx would have inherited, had the location no headers of its own: now it has.
    without = said.get("proxy_set_header") or outer.tables["proxy_set_header"]
    upgrading = merge_table(without, headers.websocket_headers(work, asked))
    said["proxy_set_header"] = merge_table(upgrading, location.proxy_set_header)
    for name in ("Upgrade", "Connection"):
        work.origins[(*path, "proxy_set_header", name)] = asked
    if location.proxy_http_version is None:
        said["proxy_http_version"] = "1.1"
        work.origins[(*path, "proxy_http_version")] = asked
    if work.recommended:
        for name in ("proxy_read_timeout", "proxy_send_timeout"):
            if name not in said:
                said[name] = WEBSOCKET_TIMEOUT
                work.origins[(*path, name)] = asked
