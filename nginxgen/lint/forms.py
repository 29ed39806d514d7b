"""What the words of single directives look like, beyond times, sizes and numbers: anything else nginx refuses.

A table, read by one rule. Each line is what nginx's own source asks for, and is put to real binaries by the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from nginxgen.foreign import Node
from nginxgen.lint.addresses import fault_of_address, fault_of_network
from nginxgen.lint.sizes import in_bytes
from nginxgen.lint.templates import is_filled_in

Judge = Callable[[str], str | None]
"""Says what is wrong with a word; None when nothing is."""


class Form(NamedTuple):
    """What some words of a directive look like."""

    which: str
    """``1``, ``2`` or ``-1`` for one by its position, ``1-`` for all from there on, ``-2`` for all but the last;
    ``name=`` for the value of a parameter."""
    judge: Judge
    help: str
    only: int = 0
    """How many words there must be for it to be asked; 0 for any number."""


class Fault(NamedTuple):
    """What is wrong with a word, and which one it is."""

    at: int
    what: str
    help: str


def faults_in(node: Node) -> Iterator[Fault]:
    """What nginx would refuse of a directive's words."""
    if node.context.startswith(("stream", "mail")):
        return
    forms = _OF_SERVERS if node.name == "server" and node.context == "upstream" else FORMS.get(node.name, ())
    for form in forms:
        if form.only and len(node.args) != form.only:
            continue
        for at, word in _words(node, form.which):
            if ("$" in word and node.name != "fastcgi_split_path_info") or is_filled_in(word):
                continue
            if (what := form.judge(word)) is not None:
                yield Fault(at, what, form.help)
    for name in NEEDED.get(node.name, ()):
        holds = any(one.startswith(name) for one in node.args)
        if not holds and node.args and node.args != ("off",) and not any(map(is_filled_in, node.args)):
            yield Fault(0, f"{node.name} needs {name}", f"add {name}…")


def _words(node: Node, which: str) -> Iterator[tuple[int, str]]:
    args = list(enumerate(node.args, 1))
    if which.endswith("="):
        yield from ((at, word[len(which) :]) for at, word in args if word.startswith(which))
    elif which.endswith("-"):
        yield from args[int(which[:-1]) - 1 :]
    elif which == "-2":
        yield from args[:-1]
    elif which == "-1":
        yield from args[-1:]
    else:
        yield from args[int(which) - 1 : int(which)]


def _one_of(*words: str, any_case: bool = False) -> Judge:
    known = [one.lower() for one in words] if any_case else words

    def judge(word: str) -> str | None:
        if (word.lower() if any_case else word) in known:
            return None
        close = get_close_matches(word, words, n=1)
        return f"{word} is none of {', '.join(words)}{f'; did you mean {close[0]}?' if close else ''}"

    return judge


def _like(pattern: str, what: str) -> Judge:
    made = re.compile(pattern)
    return lambda word: None if made.fullmatch(word) else f"{word or 'nothing'} is no {what}"


def _address(word: str) -> str | None:
    return _told(word, fault_of_address(word))


def _listener(word: str) -> str | None:
    if re.fullmatch("[0-9]+(?:-[0-9]+)?", word):
        first, _, last = word.partition("-")
        return f"the ports {word} end before they begin" if last and int(last) < int(first) else None
    return _told(word, fault_of_address(word, with_range=True))


def _network(word: str) -> str | None:
    return None if word in ("all", "unix:") else _told(word, fault_of_network(word))


def _trusted(word: str) -> str | None:
    return _network(word) if "/" in word else None  # without a prefix it may be a host's name


def _resolver(word: str) -> str | None:
    if "=" in word:
        return None
    fault = fault_of_address(word)
    port = re.search(r"(?<=[^:]):([0-9]+)$", word)
    return _told(word, fault) or (f"{word}: {port[1]} is no port" if port and int(port[1]) > 65535 else None)


def _large_enough(word: str) -> str | None:
    """A zone of shared memory has room for eight pages at least (ngx_shared_memory_add's callers)."""
    size = re.fullmatch(r"(?:.*:)?([0-9]+[kKmM]?)", word)
    return f"{word} is less than 32k" if size and in_bytes(size[1]) < _SMALLEST else None


def _pass_of(*schemes: str, bare: bool) -> Judge:
    def judge(word: str) -> str | None:
        scheme, slashes, rest = word.partition("://")
        if not slashes:
            rest = word
            if not bare:
                return f"{word} does not begin with {' or '.join(f'{one}://' for one in schemes)}"
        elif scheme not in schemes:
            meant = f"; it begins with {' or '.join(f'{one}://' for one in schemes)}" if schemes else ""
            return f"{scheme}:// is nothing that it speaks{meant}"
        if rest.startswith("unix:"):
            return None
        return _told(word, fault_of_address(re.split("[/?]", rest, maxsplit=1)[0]) if rest else "there is no host")

    return judge


def _told(word: str, fault: str | None) -> str | None:
    return None if fault is None else f"{word}: {fault}"


def _captures(word: str) -> str | None:
    try:
        count = re.compile(word).groups
    except re.error:
        return None
    return None if count >= 2 else f"{word} has {count} of the two captures"


_LEVEL = _one_of("debug", "info", "notice", "warn", "error", "crit", "alert", "emerg")
_ZONE = _like(r"[^:=]+:[0-9]+[kKmM]?", "name and size, as in cache:10m")
_TIME = r"(?:[0-9]+(?:ms|[smhdwMy])? ?)+"
_VARIABLE = "a variable begins with $"
_CACHE = (
    Form("keys_zone=", _ZONE, "write keys_zone=name:10m"),
    Form("levels=", _like("[12](?::[12]){0,2}", "number of levels"), "write levels=1:2"),
)
_METHODS = _one_of("GET", "HEAD", "POST", any_case=True)
_STATUS = _like("[45][0-9]{2}", "status from 400 to 599")
_IGNORED = _one_of(
    "X-Accel-Redirect",
    "X-Accel-Expires",
    "X-Accel-Limit-Rate",
    "X-Accel-Buffering",
    "X-Accel-Charset",
    "Expires",
    "Cache-Control",
    "Set-Cookie",
    "Vary",
    any_case=True,
)
_VALID = (
    Form("-2", _like("any|[1-9][0-9]{2}", "status"), "write 200 302 1h, or any 1h"),
    Form("-1", _like(_TIME, "time"), "write 200 302 1h"),
)
_FAMILIES = ("proxy", "fastcgi", "uwsgi", "scgi")
_SMALLEST = 8 * 4096
_IS_VARIABLE = _like(r"\$.*", "variable")

FORMS: Mapping[str, tuple[Form, ...]] = {
    "error_log": (Form("2", _LEVEL, "write error_log path warn"),),
    "worker_processes": (Form("1", _like("auto|[1-9][0-9]*", "number of processes"), "write auto, or a number"),),
    "worker_priority": (Form("1", _like("-?[0-9]+", "priority"), "write a number from -20 to 20"),),
    "worker_cpu_affinity": (Form("1-", _like("auto|[01]+", "mask of processors"), "write auto, or 0001 0010"),),
    "worker_connections": (Form("1", _like("[1-9].*|0.+", "number of connections"), "write 1024"),),
    "limit_req_zone": (
        Form("zone=", _ZONE, "write zone=name:10m"),
        Form("rate=", _like("[0-9]+r/[sm]", "rate"), "write rate=10r/s or rate=30r/m"),
    ),
    "limit_conn_zone": (Form("zone=", _ZONE, "write zone=name:10m"),),
    "limit_req_status": (Form("1", _STATUS, "write 429"),),
    "limit_conn_status": (Form("1", _STATUS, "write 429"),),
    "ssl_session_cache": (
        Form(
            "1-",
            _like(r"off|none|builtin(?::[0-9]+)?|shared:[^:]+:[0-9]+[kKmM]?", "cache of sessions"),
            "write shared:SSL:10m",
        ),
        Form("1-", lambda word: _large_enough(word) if word.startswith("shared:") else None, "write shared:SSL:10m"),
    ),
    "keepalive_disable": (Form("1-", _one_of("none", "msie6", "safari", any_case=True), "leave it out"),),
    "allow": (Form("1", _network, "write an address, a network or all"),),
    "deny": (Form("1", _network, "write an address, a network or all"),),
    "set_real_ip_from": (Form("1", _trusted, "write a network such as 10.0.0.0/8"),),
    "access_log": (Form("gzip=", _like("[1-9]", "level of compression"), "write gzip=4"),),
    "large_client_header_buffers": (Form("1", _like("[1-9][0-9]*", "number of buffers"), "write 4 8k"),),
    "random": (
        Form("1", _one_of("two"), "write random two least_conn"),
        Form("2", _one_of("least_conn", "least_time", "least_time=header", "least_time=last_byte"), "write least_conn"),
    ),
    "listen": (
        Form("1", _listener, "write a port, address:port or unix:/path"),
        Form("backlog=", _like("-1|[1-9][0-9]*", "backlog"), "write backlog=511"),
        Form("so_keepalive=", _like(r"on|off|(?:[0-9]+[smh]?)?:(?:[0-9]+[smh]?)?:[0-9]*", "keepalive"), "write on"),
    ),
    "server_name": (
        Form(
            "1-",
            _like(r"|~.*|\*\..*|[^*].*", "name: an asterisk stands for a whole part of it"),
            "write *.example.org or example.*; every other name is listen … default_server",
        ),
    ),
    "error_page": (Form("-2", _like("[3-5][0-9]{2}|=(?:[0-9]{3})?", "status"), "write error_page 404 =200 /path"),),
    "return": (
        Form("1", _like("[0-9]{1,3}", "status"), "write return 301 https://example.org/", only=2),
        Form("1", _like("[0-9]{1,3}|https?://.*", "status or URL"), "write return 404", only=1),
    ),
    "rewrite": (Form("3", _one_of("last", "break", "redirect", "permanent"), "write last, or leave it out"),),
    "location": (Form("1", _one_of("=", "^~", "~", "~*"), "write location ^~ /path", only=2),),
    "expires": (
        Form("1", _one_of("modified"), "write expires modified 1h", only=2),
        Form("-1", _like(rf"epoch|max|off|[-+]?{_TIME}|@{_TIME}", "time"), "write 10d, max, epoch or off"),
    ),
    "add_header": (Form("3", _one_of("always"), "write always, or put the value into quotes"),),
    "add_trailer": (Form("3", _one_of("always"), "write always, or put the value into quotes"),),
    "open_file_cache": (Form("max=", _like("[1-9][0-9]*", "number of files"), "write max=1000 inactive=20s"),),
    "set": (Form("1", _IS_VARIABLE, _VARIABLE),),
    "map": (Form("2", _IS_VARIABLE, _VARIABLE),),
    "geo": (Form("-1", _IS_VARIABLE, _VARIABLE),),
    "split_clients": (Form("2", _IS_VARIABLE, _VARIABLE),),
    "resolver": (Form("1-", _resolver, "write 127.0.0.53 or [::1]:53"),),
    "zone": (Form("2", _large_enough, "write 64k"),),
    "fastcgi_split_path_info": (Form("1", _captures, r"write ^(.+\.php)(/.*)$"),),
    "proxy_pass": (Form("1", _pass_of("http", "https", bare=False), "write http://host:port"),),
    "grpc_pass": (Form("1", _pass_of("grpc", "grpcs", bare=True), "write grpc://host:port"),),
    **{
        f"{one}_pass": (Form("1", _pass_of(bare=True), "write host:port, or unix:/path"),)
        for one in ("fastcgi", "scgi")
    },
    "proxy_redirect": (Form("1", _one_of("default", "off"), "write two URLs, default or off", only=1),),
    "proxy_cookie_path": (Form("1", _one_of("off"), "write two paths, or off", only=1),),
    "proxy_cookie_domain": (Form("1", _one_of("off"), "write two domains, or off", only=1),),
    **{f"{one}_cache_path": _CACHE for one in _FAMILIES},
    **{f"{one}_cache_valid": _VALID for one in _FAMILIES},
    **{f"{one}_cache_methods": (Form("1-", _METHODS, "write GET HEAD POST"),) for one in _FAMILIES},
    **{f"{one}_ignore_headers": (Form("1-", _IGNORED, "nginx itself acts on these alone"),) for one in _FAMILIES},
    **{
        name: (Form("1", _like("[0-9]+[kKmM]?", "rate in bytes per second"), "write 100k"),)
        for name in ("limit_rate", "limit_rate_after", *(f"{one}_limit_rate" for one in _FAMILIES))
    },
}
NEEDED: Mapping[str, tuple[str, ...]] = {
    "open_file_cache": ("max=",),
    "limit_req_zone": ("zone=", "rate="),
    "limit_conn_zone": ("zone=",),
    **{f"{one}_cache_path": ("keys_zone=",) for one in _FAMILIES},
}
"""The parameters without which a directive is refused."""
_OF_SERVERS = (Form("1", _address, "write host:port, [IPv6]:port or unix:/path"),)
"""Of ``server`` in a group."""
