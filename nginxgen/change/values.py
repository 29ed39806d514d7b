"""Parameters in one form each, so that what means the same is the same: ``60s`` and ``1m``, ``80`` and ``*:80``.

Knows what kind of value a directive takes, from the facts; not which directives belong together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from nginxgen.conf.facts import forms_in
from nginxgen.conf.token import Unrepresentable, quote
from nginxgen.model.addresses import socket_of

_UNITS = {
    "ms": 1,
    "s": 1_000,
    "": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "M": 30 * 86_400_000,
    "y": 365 * 86_400_000,
}
_TIME = re.compile(r"(?:[0-9]+(?:ms|[smhdwMy])\s*)*(?:[0-9]+(?:ms|[smhdwMy])?)")
_SIZE = re.compile(r"([0-9]+)([kKmMgG]?)")
_TIMES = frozenset({"time", "timeout", "header_timeout"})
_SIZES = frozenset({"size", "rate"})
_KINDS = {
    **dict.fromkeys(("fail_timeout", "inactive", "valid", "flush", "expires", "timeout"), "time"),
    **{f"{who}_{what}": "time" for who in ("manager", "loader", "purger") for what in ("sleep", "threshold")},
    **dict.fromkeys(("max_size", "min_free", "buffer", "rcvbuf", "sndbuf"), "size"),
}
"""Of parameters that are written NAME=VALUE."""
_ALSO = {
    "gzip_min_length": ("size",),
    "gzip_buffers": ("number", "size"),
    "worker_shutdown_timeout": ("time",),
    "timer_resolution": ("time",),
    "expires": ("time",),
    "slice": ("size",),
    "userid_expires": ("time",),
}
"""Of directives of which the facts have no syntax."""
_DROPPED = {
    ("server", "upstream"): ("weight=1", "max_fails=1", "fail_timeout=10s"),
    ("server", "stream upstream"): ("weight=1", "max_fails=1", "fail_timeout=10s"),
    ("listen", "server"): ("default_server", "default", "ipv6only=on", "http2"),
}


def canonical(name: str, args: Sequence[str], context: str) -> tuple[str, ...]:
    """A directive's parameters in the form in which those that mean the same are equal."""
    kinds = _kinds_of(name, context)
    if kinds == ("flag",):
        return tuple(one.lower() for one in args)
    return tuple(_one(word, kinds[at] if at < len(kinds) else "") for at, word in enumerate(args))


@cache
def _kinds_of(name: str, context: str) -> tuple[str, ...]:
    """The kinds of a directive's parameters, as far as they are times or sizes, by their positions."""
    forms = forms_in(name, context)
    if forms and forms[0].is_flag:
        return ("flag",)
    forms = [form for form in forms if form.syntax]
    if not forms:
        return _ALSO.get(name, ())
    words = [tuple(word.strip("[]") for word in syntax.split()) for syntax in forms[0].syntax]
    plain = [one for one in words if set(one) & (_TIMES | _SIZES) and "|" not in one[:-1]]
    if plain and set(plain[0]) <= _TIMES | _SIZES | {"number", "|", "off"}:
        return tuple(one for one in plain[0] if one != "|")
    return ()


def _one(word: str, kind: str) -> str:
    if kind in _TIMES:
        return time(word)
    if kind in _SIZES:
        return size(word)
    name, equals, value = word.partition("=")
    if equals and (inner := _KINDS.get(name)):
        return f"{name}={_one(value, inner)}"
    if name in ("zone", "keys_zone", "shared") and ":" in value:
        zone, _, amount = value.rpartition(":")
        return f"{name}={zone}:{size(amount)}"
    return word


def time(word: str) -> str:
    """A time in milliseconds; what is none, as it is."""
    if not _TIME.fullmatch(word):
        return word
    return f"{sum(int(count) * _UNITS[unit] for count, unit in re.findall('([0-9]+)(ms|[smhdwMy]?)', word))}ms"


def size(word: str) -> str:
    """A size in bytes; what is none, as it is."""
    if not (found := _SIZE.fullmatch(word)):
        return word
    return str(int(found[1]) << {"": 0, "k": 10, "m": 20, "g": 30}[found[2].lower()])


def listener(args: Sequence[str]) -> str:
    """The socket that a ``listen`` names, in one form."""
    return socket_of(args[0], "quic" in args or "udp" in args) if args else ""


def backend(address: str) -> str:
    """The address of a group's server, its port always said."""
    if address.startswith("unix:") or re.search(r":[0-9]+$", address.rpartition("]")[2] or address):
        return address
    return f"{address}:80"


def without_defaults(name: str, args: Iterable[str], context: str) -> tuple[str, ...]:
    """Parameters after the first, in order of their names, without those that say what holds anyway."""
    dropped = _dropped(name, context)
    return tuple(sorted(one for one in (_one(word, "") for word in args) if one not in dropped))


@cache
def _dropped(name: str, context: str) -> frozenset[str]:
    return frozenset(_one(one, "") for one in _DROPPED.get((name, context), ()))


def quoted(words: Iterable[str]) -> str:
    """Words as nginx.conf has them."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    try:
        return quote(word)
    except Unrepresentable:
        return repr(word)
