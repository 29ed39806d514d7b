"""Whether a target has what an explicit cluster says: directives by the facts, parameters by their declarations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nginxgen.conf.facts import variable_since
from nginxgen.conf.grammar import Fault, Grammar
from nginxgen.conf.target import Target
from nginxgen.conf.tree import Directive, as_statement
from nginxgen.conf.version import Version
from nginxgen.diagnostic import Diagnostic, error, note
from nginxgen.expand.work import Work
from nginxgen.model.block import Block, Field, Role
from nginxgen.model.cluster import Cluster
from nginxgen.model.expressions import expressions
from nginxgen.model.text import variables_in
from nginxgen.model.upstream import Balance
from nginxgen.model.walk import CONTEXTS, walk
from nginxgen.source import Path

_WAYS_OUT = {
    "resolve": "leave it out and reload when the address changes, or write the addresses themselves",
    "service": "write the servers themselves",
    "sticky": 'balance = { method = "hash", key = "$cookie_NAME", consistent = true } binds clients to servers too',
    "route": 'balance = { method = "hash", key = "$cookie_NAME", consistent = true } binds clients to servers too',
    "drain": "write down = true and wait for the sessions to end",
    "local": "leave it out: before nginx 1.29.7 the locations of a group share its connections anyway",
    "least_time": 'balance = "least_conn" is the nearest',
    "keepalive_min_timeout": "keepalive_timeout = 0 is what keeps reloads from cutting clients off on older ones",
    "http3": "leave it out; HTTP/2 needs no such version",
    "quic": "leave the listener out; HTTP/2 needs no such version",
    "ssl_reject_handshake": "give the server a certificate and return = 444",
    "add_header_inherit": "without it nginxgen writes the outer headers into every inner block itself",
    "$request_port": "$server_port is the port that the client came to",
    "$is_request_port": "a map of $server_port can put the colon before it",
    "ipv4": "ask a name server that answers with IPv6 addresses only",
    "resolver": "write it in [http]: since nginx 1.27.3 groups have their own",
    "multipath": "leave it out; connections are plain TCP then",
    "early_hints": "leave it out; answers of 103 are then dropped, not waited for",
    "keepalive_time": "keepalive_requests closes connections after a number of requests",
    "ssl_conf_command": "set it in OpenSSL's own configuration file",
    "proxy_http_version": "1.1 keeps connections too",
    "max_headers": "large_client_header_buffers limits headers by their size",
}
_CODES = {"version": "NG030", "removed": "NG030", "module": "NG030", "commercial": "NG036"}
_CERTIFICATE = ("certificate", "certificate_key")
_VALUES_SINCE = {
    ("proxy_http_version", "2"): Version(1, 29, 4),
    ("keepalive", "0"): Version(1, 29, 7),
}
_EXPRESSIONS_SINCE = {
    "proxy_limit_rate": Version(1, 27, 0),
    **{f"{module}_ssl_{what}": Version(1, 21, 0) for module in ("proxy", "grpc", "uwsgi") for what in _CERTIFICATE},
}
_DATED_VALUES = frozenset(_EXPRESSIONS_SINCE) | {name for name, _ in _VALUES_SINCE}


def value_since(directive: str, value: str) -> Version | None:
    """Since when nginx takes a value, when that came later than the directive (nginx's CHANGES)."""
    expressions = _EXPRESSIONS_SINCE.get(directive) if "$" in value else None
    return _VALUES_SINCE.get((directive, value)) or expressions


def check(explicit: Cluster, work: Work) -> list[Diagnostic]:
    """What the target lacks of what the cluster says, with the version that has it and the way out."""
    lacking = _Lacking(work.target, loads_modules=bool(explicit.nginx.load_module))
    found = list(_newer_variables(explicit, work.target))
    return found + [
        problem for path, block in walk(explicit, servers=True) for problem in lacking.in_block(block, path)
    ]


class _Lacking:
    """What a target lacks; remembers its answers, since the same few fields are said often."""

    def __init__(self, target: Target, loads_modules: bool) -> None:
        self.target = target
        self.loads_modules = loads_modules
        self.grammar = Grammar(target)
        self._known: dict[tuple[type[Block], str], Fault | None] = {}

    def in_block(self, block: Block, path: Path) -> Iterator[Diagnostic]:
        cls = type(block)
        context = CONTEXTS.get(cls)
        for name, value in block.__dict__.items():
            if (cls, name) not in self._known:
                self._known[cls, name] = self._field(cls.fields[name], context)
            fault = self._known[cls, name]
            if fault is None and (name in _DATED_VALUES or isinstance(value, Balance)):
                fault = self._value(cls.fields[name], value, context)
            if fault:
                field = cls.fields[name]
                help = fault.help or _way_out(field, value)
                yield error("NG030", self._told(fault), (*path, field.key), help, key=True)
            if name == "directives" and context:
                yield from self._hatch(value, context, (*path, "directives"))

    def _field(self, field: Field, context: str | None) -> Fault | None:
        """What is wrong with saying this field at all."""
        since = field.declared.since
        if since and not self.target.since(since):
            return Fault("version", f"{field.word} is in nginx since {since}")
        if (
            context is None
            or field.declared.role is not Role.DIRECTIVE
            or field.declared.codec
            or field.word == "directives"
        ):
            return None
        fault = self.grammar.lacks(field.word, context)
        return None if fault and fault.kind == "module" and self.loads_modules else fault

    def _told(self, fault: Fault) -> str:
        is_of_version = fault.kind in ("version", "removed")
        return f"{fault.message}; the target is {self.target.name}" if is_of_version else fault.message

    def _hatch(self, directives: tuple[Directive, ...], context: str, path: Path) -> Iterator[Diagnostic]:
        for at, directive in enumerate(directives):
            for one, fault in self.grammar.check_tree((as_statement(directive),), context):
                if fault.kind == "foreign" or (fault.kind in ("unknown", "module") and self.loads_modules):
                    message = f"{one.name} is taken to be a loaded module's; nginxgen does not know it"
                    yield note("NG034", message, (*path, at))
                else:
                    code = _CODES.get(fault.kind, "NG034")
                    yield error(code, self._told(fault), (*path, at), fault.help or _WAYS_OUT.get(one.name))

    def _value(self, field: Field, value: Any, context: str | None) -> Fault | None:
        """What is wrong with saying this of it."""
        if isinstance(value, str) and (since := value_since(field.word, value)) and not self.target.since(since):
            return Fault("version", f"{field.word} {value} is in nginx since {since}")
        if isinstance(value, Balance) and context:
            return self.grammar.lacks(value.tag, context)
        return None


def _newer_variables(explicit: Cluster, target: Target) -> Iterator[Diagnostic]:
    for path, block in walk(explicit):
        for key, text in expressions(block):
            for name in variables_in(text):
                since = variable_since(name)
                if since and not target.since(since):
                    message = f"${name} is in nginx since {since}; the target is {target.name}"
                    yield error("NG030", message, (*path, *key), _WAYS_OUT.get(f"${name.lower()}"))


def _way_out(field: Field, value: Any) -> str | None:
    return _WAYS_OUT.get(value.tag if isinstance(value, Balance) else field.word)
