"""What the grammar of nginx says of each directive: that it is unknown, misplaced, too young for the target.

Every fault once; each of the rules about them takes its own kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from nginxgen.conf.facts import FREE_FORM, forms
from nginxgen.conf.grammar import Fault, Grammar
from nginxgen.conf.target import Target
from nginxgen.conf.tree import Statement
from nginxgen.foreign import Configuration, Node
from nginxgen.lint.patterns import is_cut, opens_a_hole
from nginxgen.lint.rule import Subject
from nginxgen.lint.semicolons import swallowed
from nginxgen.lint.templates import is_filled_in

_OF_MODULES = re.compile(
    r".*_by_(lua|php)(_block|_file)?|(lua|php|js|echo|more|geoip2|brotli|zstd|modsecurity|vhost_traffic\w*|passenger|pagespeed|push"
    r"|stream_\w+|rtmp|upload|drizzle|redis2?|memc|srcache|set|opentracing|opentelemetry|otel|auth_pam|auth_jwt|auth_ldap"
    r"|fancyindex|nchan|upsync|subs_filter|xss|postgres|aws|headers_more|acme|ndk|array|encrypted_session|iconv|form|rds"
    r"|coolkit|check|sysguard|jemalloc|sorted_querystring|slowfs|proxy_upstream|dyups|cache_purge|proxy_cache_purge"
    r"|testcookie|accesskey|auth_digest|session_sticky|naxsi|access_by|concat|trim|webp|hls|vod|live|dash|record|exec|ts)"
    r"(_\w+)?|proxy_connect\w*|[A-Z]\w*|sregex\w*|sticky|jdomain|application|publish|pull|push"
)
"""Directives of modules that are not nginx's own, as far as they are met with."""


def faults(subject: Subject, kind: str) -> Iterator[tuple[Node, Fault]]:
    """The faults of a kind, and the directives that have them."""
    for node, fault in _faults(subject.configuration, subject.target):
        if fault.kind == kind:
            yield node, fault


def is_of_a_module(name: str) -> bool:
    """Whether a directive that nginx does not have is one of a module that others wrote."""
    return _OF_MODULES.fullmatch(name) is not None


@lru_cache(maxsize=1)
def _faults(configuration: Configuration, target: Target) -> tuple[tuple[Node, Fault], ...]:
    grammar = Grammar(target)
    return tuple((node, fault) for root in configuration.roots for node, fault in _below(root, grammar))


def _below(level: Node, grammar: Grammar) -> Iterator[tuple[Node, Fault]]:
    if level.name in FREE_FORM or (level.words and not forms(level.name)):
        return  # data, or the block of a module that nothing is known of
    for node in level.children or ():
        if (
            not re.fullmatch(r"[a-z]\w*", node.name, re.ASCII)
            or is_filled_in(str(node))
            or opens_a_hole(node)
            or is_cut(node)
        ):
            continue
        statement = Statement(node.name, node.args, None if node.children is None else (), 0)
        fault = grammar.check(statement, node.context)
        # In what context a file is included that is no whole configuration is only a guess.
        is_certain = bool(level.words) or level.inner == "main"
        if fault is not None and swallowed(node) is None and (is_certain or fault.kind not in ("context", "block")):
            yield node, fault
        if node.children is not None and not (fault is not None and fault.kind == "context"):
            yield from _below(node, grammar)
