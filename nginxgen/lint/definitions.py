"""Which variables a configuration defines, where nginx replaces them, and what regular expressions capture.

Knows names only; not what is in a variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.conf.facts import variable_prefixes, variables
from nginxgen.foreign import Configuration, Node
from nginxgen.lint.patterns import REGEX_WORDS

NAMED_GROUP = re.compile(r"\(\?(?:P?<|')([A-Za-z_]\w*)")
"""What begins a group with a name, and that name."""
_DEFINED_BY = {
    "set": 0,
    "auth_request_set": 0,
    "perl_set": 0,
    "js_set": 0,
    "js_var": 0,
    "map": 1,
    "split_clients": 1,
    "geo": -1,
}
_FOREIGN = re.compile(
    r".*_by_lua|lua_|js_|perl|set_|more_|echo|geoip2|modsecurity|pagespeed|passenger|vhost_traffic|rtmp"
)
"""Directives of modules that define variables of their own, or take code that does."""
_EXPANDED: dict[str, tuple[int, int]] = {
    "set": (1, 2),
    "proxy_pass": (0, 1),
    "proxy_set_header": (1, 2),
    "fastcgi_param": (1, 2),
    "uwsgi_param": (1, 2),
    "grpc_set_header": (1, 2),
    "add_header": (1, 2),
    "return": (0, 2),
    "root": (0, 1),
    "alias": (0, 1),
    "try_files": (0, 99),
    "log_format": (1, 99),
    "proxy_cache_key": (0, 1),
    "proxy_no_cache": (0, 99),
    "proxy_cache_bypass": (0, 99),
    "limit_req_zone": (0, 1),
    "limit_conn_zone": (0, 1),
    "hash": (0, 1),
    "proxy_redirect": (1, 2),
    "rewrite": (1, 2),
    "map": (0, 1),
    "auth_request_set": (1, 2),
    "fastcgi_pass": (0, 1),
    "sub_filter": (0, 2),
    "index": (0, 99),
    "access_log": (0, 99),
    "proxy_cookie_path": (1, 2),
    "proxy_cookie_domain": (1, 2),
    "proxy_bind": (0, 1),
    "secure_link": (0, 1),
    "secure_link_md5": (0, 1),
    "charset": (0, 1),
    "ssl_certificate": (0, 1),
    "ssl_certificate_key": (0, 1),
    "auth_basic": (0, 1),
    "add_trailer": (1, 2),
    "geo": (0, -1),
    "split_clients": (0, 1),
    "error_page": (-1, 99),
    "expires": (-1, 99),
    "limit_rate": (0, 1),
    "limit_rate_after": (0, 1),
    "proxy_ssl_name": (0, 1),
    "proxy_set_body": (0, 1),
    "proxy_method": (0, 1),
    **{f"{one}_pass": (0, 1) for one in ("grpc", "uwsgi", "scgi", "memcached")},
    **{f"{one}_cache_key": (0, 1) for one in ("fastcgi", "uwsgi", "scgi")},
    **{f"{one}_no_cache": (0, 99) for one in ("fastcgi", "uwsgi", "scgi")},
    **{f"{one}_cache_bypass": (0, 99) for one in ("fastcgi", "uwsgi", "scgi")},
}
"""Of these directives, in which parameters nginx replaces variables: from, and up to but without."""
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|([A-Za-z_]\w*))", re.ASCII)
_CAPTURE = re.compile(r"\$(?:\{([1-9])\}|([1-9]))")


def is_complete(configuration: Configuration) -> bool:
    """Whether all of a configuration is there: from the main level on, and with every file that it includes."""
    roots = configuration.roots
    return bool(roots) and all(
        root.inner == "main" and root.is_whole and all(one.is_whole for one in root.walk()) for root in roots
    )


def has_foreign_directives(configuration: Configuration) -> bool:
    """Whether a module that is not nginx's own, or code, may define more than can be seen."""
    return any(_FOREIGN.match(name) for name in configuration.names - {"set_real_ip_from"})


def defined(configuration: Configuration) -> set[str]:
    """The variables that a configuration defines itself, in lower case."""
    found = set()
    for node in configuration.walk():
        if (own := sets(node)) is not None:
            found.add(own[1])
        for word in (node.name, *node.args):
            if "(?" in word:
                found.update(name.lower() for name in NAMED_GROUP.findall(word))
    return found


def sets(node: Node) -> tuple[int, str] | None:
    """The variable, in lower case, that a directive such as ``set`` or ``map`` gives its value, and in which word."""
    at = _DEFINED_BY.get(node.name)
    if at is None or not node.args or len(node.args) <= at:
        return None
    return (at % len(node.args)) + 1, node.args[at].lstrip("$").strip("{}").lower()


def is_builtin(name: str) -> bool:
    """Whether nginx has a variable of that name itself."""
    folded = name.lower()
    return folded in variables() or folded.startswith(tuple(variable_prefixes()))


def uses(node: Node) -> Iterator[tuple[int, str]]:
    """The variables in a directive's parameters, with the parameter's number, counted from 1; no captures."""
    for at, word in expanded(node):
        for found in _VARIABLE.finditer(word):
            name = found[1] or found[2]
            if not name.isdigit():
                yield at, name


def captures(node: Node) -> Iterator[tuple[int, str]]:
    """``$1`` and the like in a directive's parameters, with the parameter's number, counted from 1."""
    for at, word in expanded(node):
        for found in _CAPTURE.finditer(word):
            yield at, found[1] or found[2]


def expanded(node: Node) -> Iterator[tuple[int, str]]:
    """The parameters with a dollar sign in which nginx replaces variables, and which they are, counted from 1."""
    if node.parent is not None and node.parent.name == "map" and node.parent.context == "http":
        yield from ((1, word) for word in node.args[:1] if "$" in word and node.name != "include")
        return
    if node.parent is None or node.parent.is_free_form or node.context.startswith(("stream", "mail")):
        return
    if node.name == "if":
        if node.args and not node.args[0].startswith("(-"):
            yield 1, node.args[0]
        return
    low, high = _EXPANDED.get(node.name, (0, 0))
    low = max(low + len(node.args), 0) if low < 0 else low
    yield from ((at + 1, word) for at, word in enumerate(node.args[low:high], low) if "$" in word)


def has_regex(node: Node) -> bool:
    """Whether a directive matches with a regular expression, which sets ``$1``."""
    match node.name:
        case "location":
            return bool(node.args) and node.args[0].startswith("~")
        case "server_name":
            return any(one.startswith("~") for one in node.args)
        case "if":
            return not set(REGEX_WORDS).isdisjoint(one.lstrip("(") for one in node.args)
        case "rewrite" | "fastcgi_split_path_info":
            return True
    return node.parent is not None and node.parent.name == "map" and node.name.startswith("~")
