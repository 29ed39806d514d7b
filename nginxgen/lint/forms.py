"""What the words of single directives look like, beyond times, sizes and numbers: anything else nginx refuses.

A table, read by one rule. Each line is what nginx's own source asks for, and is put to real binaries by the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, get_args

from nginxgen.conf.target import Target
from nginxgen.conf.version import Version
from nginxgen.foreign import Node
from nginxgen.lint.families import BUFFERED
from nginxgen.lint.templates import is_filled_in
from nginxgen.lint.words import (
    Judge,
    address,
    large_enough,
    like,
    listener,
    log_target,
    network,
    one_of,
    pass_of,
    resolver,
    small_number,
    source_address,
    time_of_day,
    trusted_network,
    two_captures,
    with_port,
    with_port_or_group,
)
from nginxgen.model.backend import ObeyedHeader


class Form(NamedTuple):
    """What some words of a directive look like."""

    which: str
    """``1``, ``2`` or ``-1`` for one by its position, ``1-`` for all from there on, ``-2`` for all but the last;
    ``name=`` for the value of a parameter."""
    judge: Judge
    help: str
    only: int = 0
    """How many words there must be for it to be asked; 0 for any number."""
    until: Version | None = None
    """The first nginx that does not mind any more."""


class Fault(NamedTuple):
    """What is wrong with a word, and which one it is."""

    at: int
    what: str
    help: str


def faults_in(node: Node, target: Target) -> Iterator[Fault]:
    """What nginx would refuse of a directive's words."""
    for form in _forms_of(node):
        if (form.only and len(node.args) != form.only) or (form.until and target.lowest >= form.until):
            continue
        for at, word in _words(node, form.which):
            if ("$" in word and node.name not in _WITH_DOLLARS) or is_filled_in(word):
                continue
            if (what := form.judge(word)) is not None:
                yield Fault(at, what, form.help)
    for name in NEEDED.get(node.name, ()):
        holds = any(one.startswith(name) for one in node.args)
        if not holds and node.args and node.args != ("off",) and not any(map(is_filled_in, node.args)):
            yield Fault(0, f"{node.name} needs {name}", f"add {name}…")


def _forms_of(node: Node) -> tuple[Form, ...]:
    if node.context.startswith(("stream", "mail")):
        return OF_STREAM.get(node.name, ()) if node.context.startswith("stream") else ()
    return _OF_SERVERS if node.name == "server" and node.context == "upstream" else FORMS.get(node.name, ())


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


_LEVEL = one_of("debug", "info", "notice", "warn", "error", "crit", "alert", "emerg")
_ZONE = like(r"[^:=]+:[0-9]+[kKmM]?", "name and size, as in cache:10m")
_TIME = r"(?:[0-9]+(?:ms|[smhdwMy])? ?)+"
_VARIABLE = "a variable begins with $"
_CACHE = (
    Form("keys_zone=", _ZONE, "write keys_zone=name:10m"),
    Form("levels=", like("[12](?::[12]){0,2}", "number of levels"), "write levels=1:2"),
)
_METHODS = one_of("GET", "HEAD", "POST", any_case=True)
_STATUS = like("[45][0-9]{2}", "status from 400 to 599")
_IGNORED = one_of(*get_args(ObeyedHeader), any_case=True)
_VALID = (
    Form("-2", like("any|[1-9][0-9]{2}", "status"), "write 200 302 1h, or any 1h"),
    Form("-1", like(_TIME, "time"), "write 200 302 1h"),
)
_COUNT = like("[1-9][0-9]*", "number from 1 on")
_SHARED = (
    Form("zone=", _ZONE, "write zone=name:10m"),
    Form("zone=", large_enough, "write zone=name:10m"),
)
_SYSLOG_HELP = "write syslog:server=host,facility=local7,tag=nginx,severity=info"
_LIMITED = (
    *("GET", "HEAD", "POST", "PUT", "DELETE", "MKCOL", "COPY", "MOVE", "OPTIONS", "PROPFIND", "PROPPATCH", "LOCK"),
    *("UNLOCK", "PATCH"),
)
_OF_ROOT = re.compile(r"\$\{?(?:document_root|realpath_root)\b")
_WITH_DOLLARS = frozenset({"fastcgi_split_path_info", "root", "alias"})
_IS_VARIABLE = like(r"\$.*", "variable")

FORMS: Mapping[str, tuple[Form, ...]] = {
    "error_log": (Form("1", log_target, _SYSLOG_HELP), Form("2", _LEVEL, "write error_log path warn")),
    "worker_processes": (Form("1", like("auto|[1-9][0-9]*", "number of processes"), "write auto, or a number"),),
    "worker_priority": (Form("1", like("-?[0-9]+", "priority"), "write a number from -20 to 20"),),
    "worker_cpu_affinity": (Form("1-", like("auto|[01]+", "mask of processors"), "write auto, or 0001 0010"),),
    "worker_connections": (Form("1", like("[1-9].*|0.+", "number of connections"), "write 1024"),),
    "limit_req_zone": (
        *_SHARED,
        Form("rate=", like("[1-9][0-9]*(?:r/[sm])?", "rate"), "write rate=10r/s or rate=30r/m"),
    ),
    "limit_conn_zone": _SHARED,
    "limit_req": (
        Form("burst=", _COUNT, "write burst=20"),
        Form("delay=", _COUNT, "write delay=8, or nodelay"),
    ),
    "limit_conn": (Form("2", lambda word: _COUNT(word) or small_number(word), "write limit_conn zone 10"),),
    "thread_pool": (Form("threads=", _COUNT, "write threads=32"),),
    "server_tokens": (Form("1", one_of("on", "off", "build"), "write off"),),
    "userid_service": (Form("1", like("[0-9]+", "number"), "write a number"),),
    "userid_mark": (Form("1", like("off|[A-Za-z0-9=]", "mark"), "write one letter, digit or =, or off"),),
    "slice": (Form("1", like("[0-9]+[kKmM]?", "size"), "write 1m"),),
    **{
        name: (Form("1-", like("(?:user|group|all):(?:r|w|rw)", "right"), "write user:rw group:r"),)
        for name in ("dav_access", *(f"{one}_store_access" for one in BUFFERED))
    },
    **{
        f"{one}_temp_path": (Form("2-", like("[1-9][0-9]*", "number of digits"), "write 1 2"),)
        for one in ("client_body", *BUFFERED)
    },
    "keepalive": (Form("1", _COUNT, "write keepalive 32, or leave it out", until=Version(1, 29, 7)),),
    "limit_req_status": (Form("1", _STATUS, "write 429"),),
    "limit_conn_status": (Form("1", _STATUS, "write 429"),),
    "ssl_session_cache": (
        Form(
            "1-",
            like(r"off|none|builtin(?::[0-9]+)?|shared:[^:]+:[0-9]+[kKmM]?", "cache of sessions"),
            "write shared:SSL:10m",
        ),
        Form("1-", lambda word: large_enough(word) if word.startswith("shared:") else None, "write shared:SSL:10m"),
    ),
    "keepalive_disable": (Form("1-", one_of("none", "msie6", "safari", any_case=True), "leave it out"),),
    "allow": (Form("1", network, "write an address, a network or all"),),
    "deny": (Form("1", network, "write an address, a network or all"),),
    "set_real_ip_from": (Form("1", trusted_network, "write a network such as 10.0.0.0/8"),),
    "access_log": (
        Form("1", log_target, _SYSLOG_HELP),
        Form("gzip=", like("[1-9]", "level of compression"), "write gzip=4"),
    ),
    **{
        name: (Form("1", like("[1-9][0-9]*", "number of buffers"), "write 4 8k"),)
        for name in (
            "large_client_header_buffers",
            "gzip_buffers",
            "output_buffers",
            *(f"{one}_buffers" for one in BUFFERED),
        )
    },
    "random": (
        Form("1", one_of("two"), "write random two least_conn"),
        Form("2", one_of("least_conn", "least_time", "least_time=header", "least_time=last_byte"), "write least_conn"),
    ),
    "listen": (
        Form("1", listener, "write a port, address:port or unix:/path"),
        Form("backlog=", like("-1|[1-9][0-9]*", "backlog"), "write backlog=511"),
        Form("so_keepalive=", like(r"on|off|(?:[0-9]+[smh]?)?:(?:[0-9]+[smh]?)?:[0-9]*", "keepalive"), "write on"),
    ),
    "server_name": (
        Form(
            "1-",
            like(r"|~.*|\*\..*|[^*].*", "name: an asterisk stands for a whole part of it"),
            "write *.example.org or example.*; every other name is listen … default_server",
        ),
    ),
    "error_page": (Form("-2", like("[3-5][0-9]{2}|=[0-9]*", "status"), "write error_page 404 =200 /path"),),
    "return": (
        Form("1", like("[0-9]{1,3}", "status"), "write return 301 https://example.org/", only=2),
        Form("1", like("[0-9]{1,3}|https?://.*", "status or URL"), "write return 404", only=1),
    ),
    "rewrite": (Form("3", one_of("last", "break", "redirect", "permanent"), "write last, or leave it out"),),
    "location": (Form("1", one_of("=", "^~", "~", "~*"), "write location ^~ /path", only=2),),
    "expires": (
        Form("1", one_of("modified"), "write expires modified 1h", only=2),
        Form("-1", like(rf"epoch|max|off|[-+]?{_TIME}|@{_TIME}", "time"), "write 10d, max, epoch or off"),
        Form("-1", time_of_day, "write @15h30m"),
    ),
    "add_header": (Form("3", one_of("always"), "write always, or put the value into quotes"),),
    "add_trailer": (Form("3", one_of("always"), "write always, or put the value into quotes"),),
    "open_file_cache": (Form("max=", like("[1-9][0-9]*", "number of files"), "write max=1000 inactive=20s"),),
    "set": (Form("1", _IS_VARIABLE, _VARIABLE),),
    "auth_request_set": (Form("1", _IS_VARIABLE, _VARIABLE),),
    "try_files": (Form("-1", like("|[^=].*|=[0-9]{1,3}", "status"), "write =404"),),
    "limit_except": (Form("1-", one_of(*_LIMITED), "HEAD is allowed with GET"),),
    "sub_filter": (Form("1", lambda word: None if word else "there is nothing to look for", "write a text"),),
    "use": (Form("1", one_of("select", "poll", "epoll", "kqueue", "/dev/poll", "eventport"), "leave it out"),),
    "userid": (Form("1", one_of("on", "off", "v1", "log"), "write on"),),
    "userid_expires": (Form("1", like(f"max|off|{_TIME}", "time"), "write 365d, max or off"),),
    **{
        name: (
            Form("1", lambda word: f"{word} can not be used here" if _OF_ROOT.search(word) else None, "write a path"),
        )
        for name in ("root", "alias")
    },
    **{
        f"{one}_bind": (
            Form("1", source_address, "write an address of this machine, or off"),
            Form("2", one_of("transparent"), "write transparent, or leave it out"),
        )
        for one in (*BUFFERED, "grpc", "memcached")
    },
    "variables_hash_max_size": (Form("1", _COUNT, "leave it out"),),
    "map": (Form("2", _IS_VARIABLE, _VARIABLE),),
    "geo": (Form("-1", _IS_VARIABLE, _VARIABLE),),
    "split_clients": (Form("2", _IS_VARIABLE, _VARIABLE),),
    "resolver": (Form("1-", resolver, "write 127.0.0.53 or [::1]:53"),),
    "zone": (Form("2", large_enough, "write 64k"),),
    "fastcgi_split_path_info": (Form("1", two_captures, r"write ^(.+\.php)(/.*)$"),),
    "proxy_pass": (Form("1", pass_of("http", "https", bare=False), "write http://host:port"),),
    "grpc_pass": (Form("1", pass_of("grpc", "grpcs", bare=True), "write grpc://host:port"),),
    **{
        f"{one}_pass": (Form("1", pass_of(bare=True), "write host:port, or unix:/path"),) for one in ("fastcgi", "scgi")
    },
    "uwsgi_pass": (Form("1", pass_of("uwsgi", "suwsgi", bare=True), "write host:port, or unix:/path"),),
    "proxy_redirect": (Form("1", one_of("default", "off"), "write two URLs, default or off", only=1),),
    "proxy_cookie_path": (Form("1", one_of("off"), "write two paths, or off", only=1),),
    "proxy_cookie_domain": (Form("1", one_of("off"), "write two domains, or off", only=1),),
    **{f"{one}_cache_path": _CACHE for one in BUFFERED},
    **{f"{one}_cache_valid": _VALID for one in BUFFERED},
    **{f"{one}_cache_methods": (Form("1-", _METHODS, "write GET HEAD POST"),) for one in BUFFERED},
    **{f"{one}_ignore_headers": (Form("1-", _IGNORED, "nginx itself acts on these alone"),) for one in BUFFERED},
    **{
        name: (Form("1", like("[0-9]+[kKmM]?", "rate in bytes per second"), "write 100k"),)
        for name in ("limit_rate", "limit_rate_after", *(f"{one}_limit_rate" for one in BUFFERED))
    },
}
NEEDED: Mapping[str, tuple[str, ...]] = {
    "open_file_cache": ("max=",),
    "open_log_file_cache": ("max=",),
    "limit_req": ("zone=",),
    "thread_pool": ("threads=",),
    "limit_req_zone": ("zone=", "rate="),
    "limit_conn_zone": ("zone=",),
    **{f"{one}_cache_path": ("keys_zone=",) for one in BUFFERED},
}
"""The parameters without which a directive is refused."""
OF_STREAM: Mapping[str, tuple[Form, ...]] = {
    "proxy_pass": (Form("1", with_port_or_group, "write host:port, unix:/path or the name of a group"),),
    "server": (Form("1", with_port, "write host:port or unix:/path"),),
}
_OF_SERVERS = (Form("1", address, "write host:port, [IPv6]:port or unix:/path"),)
"""Of ``server`` in a group."""
