"""Virtual hosts, filled in: listeners, TLS, and the servers that redirects and refusals stand for."""

from __future__ import annotations

from typing import Any

from nginxgen.expand import tls, variables
from nginxgen.expand.locations import Outer, expand_location
from nginxgen.expand.serving import always, expand_serving, merge_add_headers
from nginxgen.expand.work import Work
from nginxgen.model.records import AddHeader, Return
from nginxgen.model.server import Listen, Server
from nginxgen.source import Path

REDIRECT = 308
"""Permanent, and the method stays what it was; in nginx since 1.13.0."""
CLOSE = 444
"""nginx's code for closing a connection without an answer."""


def expand_servers(work: Work) -> tuple[Server, ...]:
    """Every server as nginx is told it; those that stand for an intent come last, so that they are nobody's default."""
    outer = Outer.of(work.cluster.http)
    own = [_server(one, outer, ("server", at), work) for at, one in enumerate(work.cluster.server)]
    made: list[tuple[Server, Path]] = []
    for at, server in enumerate(work.cluster.server):
        explicit = own[at]
        if server.redirect_from:
            made += _redirect_from(server, explicit, ("server", at, "redirect_from"), work)
        if server.https_redirect:
            made.append((_https_redirect(server, explicit), ("server", at, "https_redirect")))
    servers = [*own, *(one for one, _ in made)]
    if work.cluster.http.unknown_hosts == "refuse":
        made += [(one, ("http", "unknown_hosts")) for one in _refusals(servers, work)]
    for at, (_, origin) in enumerate(made):
        work.origins["server", len(own) + at] = origin
    return (*own, *(one for one, _ in made))


def _server(server: Server, outer: Outer, path: Path, work: Work) -> Server:
    said = server.said()
    for name in ("https_redirect", "redirect_from"):
        said.pop(name, None)
    expand_serving(said, path, work)
    said["listen"] = _listeners(server, path, work)
    hsts: tuple[AddHeader, ...] = ()
    if (name := said.pop("tls", None)) is not None and name in work.cluster.tls:
        hsts = tls.apply(said, work.cluster.tls[name], (*path, "tls"), work)
    if work.recommended and (server.add_header or hsts):
        said["add_header"] = always(merge_add_headers(outer.add_header, (*hsts, *server.add_header)))
    elif hsts:
        said["add_header"] = (*hsts, *(said.get("add_header") or outer.add_header))
    if said.pop("ssl", None):
        work.note(
            "NG032",
            '"ssl on" is gone since nginx 1.25.1; each listener says ssl instead',
            (*path, "ssl"),
            "write listen = [{ address = 443, ssl = true }]",
        )
    _http2(said, path, work)
    inner = outer.inside(server.but(add_header=(*hsts, *server.add_header)))._replace(hsts=hsts)
    said["location"] = tuple(
        expand_location(one, inner, (*path, "location", at), work) for at, one in enumerate(server.location)
    )
    return Server.trusted(said)


def _http2(said: dict[str, Any], path: Path, work: Work) -> None:
    """HTTP/2 in the target's dialect: a directive since nginx 1.25.1, a word of each TLS listener before."""
    if not work.target.has("http2", "server"):
        if said.pop("http2", None):
            work.note(
                "NG031",
                "HTTP/2 is a word of each listener: nginx has http2 as a directive since 1.25.1",
                (*path, "http2"),
                f"the target is {work.target.name}; nginx since then warns of the older form",
            )
    elif work.recommended and any(one.http2 for one in said["listen"]):
        work.note(
            "NG032",
            "http2 on a listener is deprecated since nginx 1.25.1; the server says it instead",
            (*path, "listen"),
            "write http2 = true in the server",
        )
        said["http2"] = True
        said["listen"] = tuple(one.but(http2=False) for one in said["listen"])


def _listeners(server: Server, path: Path, work: Work) -> tuple[Listen, ...]:
    speaks_tls = server.tls is not None or server.ssl is True
    listen = server.listen
    if not listen and work.recommended:
        listen = (Listen.trusted({"address": "443" if speaks_tls else "80"}),)
        work.origins[(*path, "listen")] = path
    http2 = bool(server.http2 or work.cluster.http.http2) and not work.target.has("http2", "server")
    return tuple(_listener(one, speaks_tls, http2) for one in listen)


def _listener(listen: Listen, speaks_tls: bool, http2: bool) -> Listen:
    ssl = listen.ssl if listen.ssl is not None else speaks_tls and not listen.quic
    return listen.but(ssl=ssl or None, http2=listen.http2 or bool(http2 and ssl))


def _redirect_from(server: Server, explicit: Server, origin: Path, work: Work) -> list[tuple[Server, Path]]:
    """A server for the other names, with the listeners and certificates of this one."""
    said = {name: value for name, value in explicit.said().items() if name.startswith(("ssl_", "http2", "http3"))}
    said["listen"] = tuple(_same_socket(one) for one in explicit.listen)
    said["server_name"] = server.redirect_from
    name = next((name for name in server.server_name if is_plain(name)), "$host")
    text = f"$scheme://{name}{variables.port_expression(work, origin)}$request_uri"
    said["return_"] = Return.trusted({"code": REDIRECT, "text": text})
    said["add_header"] = tuple(one for one in explicit.add_header if one.name == tls.HSTS_HEADER)
    return [(Server.trusted(said), origin)]


def _https_redirect(server: Server, explicit: Server) -> Server:
    """A server on port 80, beside each TLS listener, that sends everything on to it."""
    listeners: dict[str, Listen] = {}
    ports: list[str] = []
    for one in explicit.listen:
        if one.ssl:
            host, _, listened = one.address.rpartition(":") if ":" in one.address else ("", "", one.address)
            ports.append(listened if listened.isdigit() else "443")
            if not one.address.startswith("unix:") and not host.endswith("unix"):
                address = f"{host}:80" if host else "80"
                listeners[address] = Listen.trusted({"address": address, "ipv6only": one.ipv6only})
    suffix = "" if "443" in ports or not ports else f":{ports[0]}"
    names = (*server.server_name, *server.redirect_from)
    return Server.trusted(
        {
            "listen": tuple(listeners.values()),
            "server_name": names,
            "return_": Return.trusted({"code": REDIRECT, "text": f"https://$host{suffix}$request_uri"}),
        }
    )


def _same_socket(listen: Listen) -> Listen:
    """The same address for another server: what belongs to the socket is said once, the default has one owner."""
    kept = {name: getattr(listen, name) for name in ("address", "ssl", "http2", "quic", "proxy_protocol")}
    return Listen.trusted(kept)


def _refusals(servers: list[Server], work: Work) -> list[Server]:
    """Servers that close what asks for an unknown host: on every socket that has no default server yet."""
    sockets: dict[str, list[tuple[Server, Listen]]] = {}
    for server in servers:
        for listen in server.listen:
            sockets.setdefault(listen.socket, []).append((server, listen))
    made: list[dict[str, Any]] = []
    for users in sockets.values():
        if any(listen.default_server or not server.server_name for server, listen in users):
            continue
        listener = _same_socket(users[0][1]).but(default_server=True)
        settings = _refusal_tls(users, work)
        alike = next((one for one in made if one["settings"] == settings), None)
        if alike:
            alike["listen"].append(listener)
        else:
            made.append({"settings": settings, "listen": [listener]})
    return [_refusal(one["listen"], one["settings"]) for one in made]


def _refusal(listeners: list[Listen], settings: dict[str, Any]) -> Server:
    end = Return.trusted({"code": CLOSE})
    return Server.trusted({**settings, "listen": tuple(listeners), "server_name": ("_",), "return_": end})


def _refusal_tls(users: list[tuple[Server, Listen]], work: Work) -> dict[str, Any]:
    """The TLS settings of a socket's default server, which before nginx 1.29.2 choose the protocol for all on it."""
    speaking = next((server for server, listen in users if listen.ssl or listen.quic), None)
    if speaking is None:
        return {}
    settings = {name: value for name, value in speaking.said().items() if name.startswith("ssl_")}
    if work.target.has("ssl_reject_handshake", "server"):
        for name in ("ssl_certificate", "ssl_certificate_key"):
            settings.pop(name, None)
        return {**settings, "ssl_reject_handshake": True}
    work.note(
        "NG031",
        "unknown hosts are refused behind a handshake: nginx before 1.19.4 cannot refuse the handshake itself",
        ("http", "unknown_hosts"),
        "the certificate of the first server on the socket is shown",
    )
    return settings


def is_plain(name: str) -> bool:
    """Whether a name is one host's, and no wildcard, regular expression or word."""
    return bool(name) and not name.startswith(("~", ".", "*", "$", "_")) and not name.endswith("*")
