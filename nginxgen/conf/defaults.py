"""What nginx does where nothing is said, at each version; defaults that changed, and since when.

The tables beside `facts` hold nginx.org's defaults of today. Those that were others before stand here, from nginx's
CHANGES; those that backends and clients see are measured on 1.22.1 and 1.31.3 (tests/change/test_wire.py).
"""

from __future__ import annotations

from functools import cache

from nginxgen.conf.facts import forms_in
from nginxgen.conf.target import Target
from nginxgen.conf.version import Version

_TLS_WITHOUT_13 = "TLSv1 TLSv1.1 TLSv1.2"
_TLS = ((Version(1, 23, 4), _TLS_WITHOUT_13), (Version(1, 27, 3), f"{_TLS_WITHOUT_13} TLSv1.3"))
_FORMER: dict[str, tuple[tuple[Version, str | None], ...]] = {
    "proxy_http_version": ((Version(1, 29, 7), "1.0"),),
    "keepalive": ((Version(1, 29, 7), None),),
    "keepalive_requests": ((Version(1, 19, 10), "100"),),
    "sendfile_max_chunk": ((Version(1, 21, 4), "0"),),
    **{f"{module}ssl_protocols": _TLS for module in ("", "proxy_", "grpc_", "uwsgi_")},
}
"""What was the default before a version, the oldest first; None where there was none."""
_OTHERWISE = {("keepalive_timeout", "upstream"): "60s", ("error_log", "main"): None}
"""Where nginx.org says it of another module's directive of the same name."""
_ALSO = {
    **dict.fromkeys(("gzip", "gzip_vary", "gzip_proxied", "gunzip", "ssi", "charset", "expires", "userid"), "off"),
    **dict.fromkeys(("multi_accept", "accept_mutex", "pcre_jit", "override_charset"), "off"),
    **dict.fromkeys(("daemon", "master_process", "sub_filter_once"), "on"),
    "gzip_min_length": "20",
    "gzip_comp_level": "1",
    "gzip_http_version": "1.1",
    "gzip_types": "text/html",
    "worker_processes": "1",
    "worker_connections": "512",
    "slice": "0",
}
"""Of modules that the tables have no defaults of (nginx.org)."""
_NOT_ALL = frozenset(
    {
        "proxy_set_header",
        "grpc_set_header",
        "fastcgi_param",
        "scgi_param",
        "uwsgi_param",
        "access_log",
        "listen",
        "log_format",
    }
)
"""Of these the tables hold the first line of several, or what depends on how nginx was built or started."""
CONNECTION_KEPT = Version(1, 29, 7)
"""Since when nginx sends no ``Connection: close`` to backends by itself."""


@cache
def default_of(name: str, context: str, version: Version) -> str | None:
    """What holds at a version where nobody says a directive; None when nothing does, or that is not known.

    Args:
        name: of the directive.
        context: in which it could stand, such as ``upstream``.
        version: of nginx.
    """
    forms = forms_in(name, context)
    if not forms or name in _NOT_ALL or not any(form.holds(version) for form in forms):
        return None
    if (name, context) in _OTHERWISE:
        return _OTHERWISE[name, context]
    for until, former in _FORMER.get(name, ()):
        if version < until:
            return former
    told = next((form.default for form in forms if form.default is not None), _ALSO.get(name))
    return None if told is None or "|" in told else told


def backend_headers(target: Target) -> dict[str, tuple[str, ...]]:
    """What ``proxy_set_header`` says by itself, whatever else is said: names, with a value for each kind of version."""
    closing = ("close",) if target.lowest < CONNECTION_KEPT else ()
    kept = ("nothing",) if closing and target.highest >= CONNECTION_KEPT else ()
    return {"Host": ("$proxy_host",), **({"Connection": closing + kept} if closing else {})}


def defaults_of(name: str, context: str, target: Target) -> tuple[str | None, ...]:
    """The same for every version of a target: one, or one for each stretch of versions with a default of its own."""
    changes = [until for until, _ in _FORMER.get(name, ()) if target.lowest < until <= target.highest]
    found = [default_of(name, context, version) for version in (target.lowest, *changes)]
    return tuple(dict.fromkeys(found))
