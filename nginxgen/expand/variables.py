"""nginxgen's own variables: defined at the http level when something needs them, under names that begin alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nginxgen.conf.version import Version
from nginxgen.expand.work import Work
from nginxgen.model.block import Block
from nginxgen.model.expressions import expressions
from nginxgen.model.hatch import Open
from nginxgen.model.http import Http
from nginxgen.model.maps import Entry, Geo, GeoEntry, Map, MapEntry
from nginxgen.model.text import DOLLAR, variables_in
from nginxgen.model.walk import walk
from nginxgen.source import Path

UPGRADE = "nginxgen_upgrade"
CONNECTION = "nginxgen_connection"
TRUSTED = "nginxgen_trusted"
PORT = "nginxgen_port"
FORWARDED_PROTO = "nginxgen_forwarded_proto"
FORWARDED_HOST = "nginxgen_forwarded_host"
FORWARDED_PORT = "nginxgen_forwarded_port"
FORWARDED_HTTPS = "nginxgen_forwarded_https"
FORWARDED_SCHEME = "nginxgen_forwarded_scheme"
FORWARDED_SSL = "nginxgen_forwarded_ssl"
FORWARDED_PREFIX = "nginxgen_forwarded_prefix"
FORWARDED_SERVER = "nginxgen_forwarded_server"
_CLAIMS = {
    FORWARDED_SCHEME: "$http_x_forwarded_scheme",
    FORWARDED_SSL: "$http_x_forwarded_ssl",
    FORWARDED_PREFIX: "$http_x_forwarded_prefix",
    FORWARDED_SERVER: "$http_x_forwarded_server",
}
"""What only a proxy can tell, and nginx has no fact for."""


_REQUEST_PORT = Version(1, 29, 3)


def define(http: Http, work: Work) -> Http:
    """The http level with the variables that were asked for."""
    if DOLLAR not in work.variables and _mentions_dollar(work):
        work.needs(DOLLAR, ())
    maps, geos = [*http.map], [*http.geo]
    taken = {one.variable for one in maps} | {one.variable for one in geos}
    for variable, where in _with_theirs(work):
        made = _DEFINITIONS[variable](work)
        if made.variable in taken:
            continue
        if isinstance(made, Geo):
            work.origins["http", "geo", len(geos)] = where
            geos.append(made)
        else:
            work.origins["http", "map", len(maps)] = where
            maps.append(made)
    return http.but(map=tuple(maps), geo=tuple(geos))


def _with_theirs(work: Work) -> Iterator[tuple[str, Path]]:
    """The needed variables, each behind those that it needs itself."""
    wanted = dict(work.variables)
    for variable in [FORWARDED_PROTO, FORWARDED_HOST, FORWARDED_PORT, FORWARDED_HTTPS, *_CLAIMS]:
        if variable in wanted:
            wanted.setdefault(TRUSTED, wanted[variable])
    if FORWARDED_HOST in wanted and not work.target.since(_REQUEST_PORT):
        wanted.setdefault(PORT, wanted[FORWARDED_HOST])
    if FORWARDED_HTTPS in wanted:
        wanted.setdefault(FORWARDED_PROTO, wanted[FORWARDED_HTTPS])
    return ((one, wanted[one]) for one in _DEFINITIONS if one in wanted)


def _mentions_dollar(work: Work) -> bool:
    return any(
        DOLLAR in text and DOLLAR in variables_in(text) for _, block in walk(work.cluster) for text in _texts(block)
    )


def _texts(block: Block) -> Iterator[str]:
    yield from (text for _, text in expressions(block))
    if isinstance(block, Open):
        yield from (word for one in block.directives for word in one.words())


def _map(source: str, variable: str, default: str, **entries: str) -> Map:
    return _map_of(source, variable, default, entries)


def _map_of(source: str, variable: str, default: str, entries: dict[str, str]) -> Map:
    rows = tuple(MapEntry.trusted({"key": key, "value": value}) for key, value in entries.items())
    return Map.trusted({"source": source, "variable": f"${variable}", "default": default, "entries": rows})


def _dollar(work: Work) -> Geo:
    # geo is the one place whose values nginx does not expand.
    return Geo.trusted({"variable": f"${DOLLAR}", "default": "$", "entries": ()})


def _upgrade(work: Work) -> Map:
    # Only WebSocket: any other protocol, such as h2c, would pass requests by nginx unseen.
    return _map("$http_upgrade", UPGRADE, "", websocket="websocket")


def _connection(work: Work) -> Map:
    # Empty, not "close", for ordinary requests: their connections to the backend are kept.
    return _map("$http_upgrade", CONNECTION, "", websocket="upgrade")


def _port(work: Work) -> Map:
    return _map_of("$server_port", PORT, ":$server_port", {"": "", "80": "", "443": ""})


def _trusted(work: Work) -> Geo:
    # What is no address, such as "unix:", is 255.255.255.255 to geo (nginx.org, ngx_http_geo_module).
    networks = ["255.255.255.255" if one == "unix:" else one for one in work.cluster.http.trusted_proxies]
    rows: list[Entry] = [GeoEntry.trusted({"key": network, "value": "1"}) for network in networks]
    return Geo.trusted(
        {"source": "$realip_remote_addr", "variable": f"${TRUSTED}", "default": "0", "entries": tuple(rows)}
    )


def _forwarded_proto(work: Work) -> Map:
    known = {"1:http": "http", "1:https": "https"}
    return _map_of(f"${TRUSTED}:$http_x_forwarded_proto", FORWARDED_PROTO, "$scheme", known)


def _forwarded_host(work: Work) -> Map:
    claimed = {r"~^1:.": "$http_x_forwarded_host"}
    plain = host_expression(work, work.variables[FORWARDED_HOST])
    return _map_of(f"${TRUSTED}:$http_x_forwarded_host", FORWARDED_HOST, plain, claimed)


def _forwarded_port(work: Work) -> Map:
    # A proxy that tells the scheme and not the port means the scheme's own.
    claimed = {r"~^1:[0-9]+:": "$http_x_forwarded_port", "1::http": "80", "1::https": "443"}
    source = f"${TRUSTED}:$http_x_forwarded_port:$http_x_forwarded_proto"
    return _map_of(source, FORWARDED_PORT, "$server_port", claimed)


def _claim(variable: str) -> Callable[[Work], Map]:
    return lambda work: _map_of(f"${TRUSTED}", variable, "", {"1": _CLAIMS[variable]})


def _forwarded_https(work: Work) -> Map:
    return _map(f"${FORWARDED_PROTO}", FORWARDED_HTTPS, "", https="on")


def host_expression(work: Work, where: Path) -> str:
    """The host and port that a client asked for; the host checked by nginx, the port nothing that it made up."""
    return f"$host{port_expression(work, where)}"


def port_expression(work: Work, where: Path) -> str:
    """The port behind a host, with its colon, or nothing.

    Since 1.29.3 nginx tells the one that the client asked for; before, it is the one that it came to, which is the
    same unless something in between changes it.
    """
    return "$is_request_port$request_port" if work.target.since(_REQUEST_PORT) else work.needs(PORT, where)


_DEFINITIONS: dict[str, Callable[[Work], Map | Geo]] = {
    DOLLAR: _dollar,
    PORT: _port,
    TRUSTED: _trusted,
    FORWARDED_PROTO: _forwarded_proto,
    FORWARDED_HOST: _forwarded_host,
    FORWARDED_PORT: _forwarded_port,
    FORWARDED_HTTPS: _forwarded_https,
    **{variable: _claim(variable) for variable in _CLAIMS},
    UPGRADE: _upgrade,
    CONNECTION: _connection,
}
