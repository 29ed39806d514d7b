"""The http level, filled in."""

from __future__ import annotations

from typing import Any

from nginxgen.expand.serving import always, expand_serving
from nginxgen.expand.work import Work
from nginxgen.model.http import Http
from nginxgen.model.location import Location
from nginxgen.model.records import LogFormat
from nginxgen.model.walk import walk

CONNECT_TIMEOUT = "5s"
"""A backend in the same network that has not answered a SYN by then will not; nginx's own 60 s hold the client up."""
KEEPALIVE_MIN_TIMEOUT = "1s"
"""Measured: with it, reloads cost clients that keep connections nothing; without, one request in a thousand or two."""


def expand_http(work: Work) -> Http:
    """The http level as nginx is told it."""
    http = work.cluster.http
    said = http.said()
    said.pop("unknown_hosts", None)
    if work.recommended and "types" not in said:
        said["mime_types"] = "standard"
    expand_serving(said, ("http",), work)
    _trusted_proxies(said)
    if "log_format" in said:
        said["log_format"] = {name: _log_format(one) for name, one in http.log_format.items()}
    if work.recommended:
        _recommend(said, work)
    if said.get("http2") and not work.target.has("http2", "http"):
        del said["http2"]  # the servers' listeners say it
    return Http.trusted(said)


def _recommend(said: dict[str, Any], work: Work) -> None:
    said.setdefault("default_type", "application/octet-stream")
    said.setdefault("sendfile", True)
    said.setdefault("tcp_nopush", True)
    said["add_header"] = always(said.get("add_header", ()))
    if work.target.has("keepalive_min_timeout", "http"):
        said.setdefault("keepalive_min_timeout", KEEPALIVE_MIN_TIMEOUT)
    locations = [one for _, one in walk(work.cluster.server, ("server",)) if isinstance(one, Location)]
    if any(one.upstream or one.proxy_pass for one in locations):
        # 1.1 can keep the connection to the backend; it is nginx's default since 1.29.7 only.
        said.setdefault("proxy_http_version", "1.1")
        said.setdefault("proxy_connect_timeout", CONNECT_TIMEOUT)
    for protocol in ("fastcgi", "uwsgi", "grpc"):
        if any(getattr(one, f"{protocol}_pass") for one in locations):
            said.setdefault(f"{protocol}_connect_timeout", CONNECT_TIMEOUT)
    _hash_sizes(said, work)


def _trusted_proxies(said: dict[str, Any]) -> None:
    if networks := said.pop("trusted_proxies", ()):
        said["set_real_ip_from"] = (*said.get("set_real_ip_from", ()), *networks)
        said.setdefault("real_ip_header", "X-Forwarded-For")
        said.setdefault("real_ip_recursive", True)


def _log_format(log: LogFormat) -> LogFormat:
    return LogFormat.trusted({"escape": "json", "format": log.json_strings()}) if log.json else log


def _hash_sizes(said: dict[str, Any], work: Work) -> None:
    """Tables large enough for the names at hand: nginx refuses long ones and warns of many (ngx_hash_init)."""
    names = [name for server in work.cluster.server for name in server.server_name if not name.startswith("~")]
    longest = max(map(len, names), default=0)
    if longest > 40:
        said.setdefault("server_names_hash_bucket_size", _power_of_two(longest + 26))
    if len(names) > 100:
        said.setdefault("server_names_hash_max_size", _power_of_two(8 * len(names)))
    keys = [entry.key for one in said.get("map", ()) for entry in one.entries if not entry.key.startswith("~")]
    longest = max(map(len, keys), default=0)
    if longest > 40:
        said.setdefault("map_hash_bucket_size", _power_of_two(longest + 26))
    if len(keys) > 400:
        said.setdefault("map_hash_max_size", _power_of_two(8 * len(keys)))


def _power_of_two(least: int) -> int:
    return 1 << max(least - 1, 1).bit_length()
