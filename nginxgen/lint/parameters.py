"""What parameters a directive takes: which words, names and kinds of values.

From the syntax that nginx.org prints of each directive, made exact by the model's fields where there is one; knows no
configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_origin

from nginxgen.conf.facts import forms_in
from nginxgen.conf.version import Version
from nginxgen.model.block import Role, registered_blocks, strip_annotated, strip_optional
from nginxgen.model.cluster import Cluster
from nginxgen.model.kind import Between, Kind, NotValid
from nginxgen.model.record import Record
from nginxgen.model.records import Resolver
from nginxgen.model.server import Listen
from nginxgen.model.text import milliseconds, offset, rate, seconds, size
from nginxgen.model.upstream import Keepalive, UpstreamServer

MANY = 1 << 20
_EXACT = (milliseconds, seconds, size, offset, rate)
_ANY_VALUE = re.compile(
    "CIDR|GET|HEAD|POST|URL|address|browser|ciphers|code|cookie|curve|domain|expression|extension|field|file|flag|format"
    "|header|height|key|level[123]|mime-type|method|module|name|parameters?|path|percent|port|protocol|quality|rate"
    r"|redirect|regex|replacement|string|test|text|uri|url|value|version|width|word|zone|.*[^\w.].*"
)
"""What stands for a text of one's own in a syntax; whatever has signs in it does too."""
_KINDS = {"time": "time", "header_timeout": "time", "size": "size", "number": "number", "N": "number"}
_FIRST = {"timeout": "time", "connections": "number"}
"""What is a kind at the beginning of a syntax; "timeout" is a word elsewhere."""
_RECORDS: dict[str, type[Record]] = {"keepalive": Keepalive, "listen": Listen, "resolver": Resolver}
"""Where some parameters are younger than their directive."""
_UNDOCUMENTED = {"listen": frozenset({"default"})}
"""The form that default_server had before nginx 0.8.21, which is still read."""
_WITH_OPTIONAL_VALUE = re.compile(r"(\w+)\[=(\w+)\]")


class Shape(NamedTuple):
    """What one directive takes in one context."""

    free: int
    """How many words may be any text, or a value of a kind."""
    kinds: tuple[str, ...]
    """What the free words are, in their order: ``time``, ``size``, ``number`` or nothing for any text."""
    words: frozenset[str]
    """The words that stand for themselves."""
    named: dict[str, str]
    """The names of parameters of the form name=value, and what their values are; alternatives have "|" between them."""
    since: dict[str, Version]
    """The words and names that came after 1.18, where that is recorded."""

    @property
    def known(self) -> list[str]:
        """Every word and every name with its "="."""
        return sorted(self.words) + [f"{name}=" for name in sorted(self.named)]


@cache
def shape(name: str, context: str) -> Shape | None:
    """What a directive takes in a context; None when nothing is recorded of it."""
    if name == "server" and context == "upstream":
        return _of_record(UpstreamServer, 1)
    syntaxes = [one for form in forms_in(name, context) for one in form.syntax]
    if syntaxes:
        found = _of_syntaxes(syntaxes, _of_record(_RECORDS[name], 0).since if name in _RECORDS else {})
        return found._replace(words=found.words | _UNDOCUMENTED.get(name, frozenset()))
    if choices := _choices().get(name):
        return Shape(0, (), choices, {}, {})
    return Shape(1, ("number",), frozenset(), {}, {}) if name in model_kinds() else None


def check_value(name: str, kind: str, value: str) -> None:
    """Whether a directive's value, or that of one of its parameters, is of a kind; ``name`` is empty for the latter.

    Raises:
        NotValid: when nginx would refuse it.
    """
    exact = model_kinds().get(name)
    if exact is not None:
        if isinstance(exact, Between):
            _check_number(value, exact)
        else:
            exact.parse(value)
    elif kind == "time":
        try:
            milliseconds(value)
        except NotValid:
            seconds(value)
    elif kind == "size":
        offset(value)
    elif kind in ("number", "positive"):
        _check_number(value, Between(int(kind == "positive"), 2**31 - 2))
    elif "|" in kind and value not in kind.split("|"):
        raise NotValid(f"{value!r} is not one of {kind.replace('|', ', ')}")


def _check_number(value: str, bounds: Between) -> None:
    if not (value.isascii() and value.isdigit()):
        raise NotValid(f"{value!r} is no number", "write digits only")
    # What only nginxgen asks for, such as a depth that is not 0, is no fault of a configuration.
    low = bounds.low if bounds.high < 2**31 - 1 else 0
    if not low <= int(value) <= bounds.high:
        raise NotValid(f"{value} is not between {low} and {bounds.high}")


@cache
def model_kinds() -> dict[str, Kind | Between]:
    """What the one value of a directive is, where the model knows it as nginx's: a time, a size, a rate, a number."""
    return {name: one for name, one in _fields().items() if isinstance(one, Between) or _is_exact(one)}


def _is_exact(one: Any) -> bool:
    return isinstance(one, Kind) and one.parse in _EXACT


@cache
def _choices() -> dict[str, frozenset[str]]:
    """The words that a directive takes, where the model has a list of them."""
    return {name: frozenset(one) for name, one in _fields().items() if type(one) is tuple}


@cache
def _fields() -> dict[str, Any]:
    """By directive: the kind, the bounds or the words of its values; none where two fields disagree."""
    assert Cluster.fields  # declares every block
    found: dict[str, set[Any]] = {}
    for cls in registered_blocks().values():
        for field in cls.fields.values():
            if field.declared.role is Role.DIRECTIVE:
                found.setdefault(field.word, set()).add(_values(field.annotation))
    return {name: next(iter(kinds)) for name, kinds in found.items() if len(kinds) == 1 and None not in kinds}


def _values(annotation: Any) -> Kind | Between | tuple[str, ...] | None:
    inner, metadata = strip_annotated(strip_optional(annotation)[0])
    if metadata and isinstance(metadata[0], Kind | Between):
        return metadata[0]
    if get_origin(inner) is tuple:
        inner = get_args(inner)[0]
    return get_args(inner) if get_origin(inner) is Literal else None


def _of_record(record: type[Record], free: int) -> Shape:
    words, named, since = set(), {}, {}
    for field in record.fields.values():
        if field.declared.role is Role.FLAG:
            words.add(field.word)
        elif field.declared.role is Role.PARAM:
            named[field.word] = _spoken(_values(field.annotation))
        if field.declared.since:
            since[field.word] = field.declared.since
    return Shape(free, ("",) * free, frozenset(words), named, since)


def _spoken(values: Kind | Between | tuple[str, ...] | None) -> str:
    if isinstance(values, Between):
        return "positive" if values.low else "number"
    if isinstance(values, Kind) and _is_exact(values):
        return {"duration": "time", "size": "size"}[values.family]
    return ""


def _of_syntaxes(syntaxes: Iterable[str], since: dict[str, Version]) -> Shape:
    """All alternatives in one, which takes more than each of them, and so is never too strict."""
    free: int = 0
    kinds: tuple[str, ...] = ()
    words: set[str] = set()
    named: dict[str, str] = {}
    for syntax in syntaxes:
        own = [kind for word, kind in _FIRST.items() if syntax.startswith(word)]
        is_repeated = False
        last_is_free = False
        for atom in _atoms(syntax)[len(own) :]:
            name, equals, value = atom.partition("=")
            is_named = bool(equals) and re.fullmatch("[a-z0-9_]+", name) is not None
            is_free = not is_named and (atom in _KINDS or _ANY_VALUE.fullmatch(atom) is not None)
            if atom == "...":
                is_repeated |= last_is_free
            elif is_named:
                named[name] = _kind(value)
            elif is_free:
                own.append(_KINDS.get(atom, ""))
            else:
                words.add(atom)
            last_is_free = is_free
        if is_repeated or len(own) > free:
            free, kinds = (MANY, ()) if is_repeated else (len(own), tuple(own))
    return Shape(free, kinds, frozenset(words), named, since)


def _atoms(syntax: str) -> list[str]:
    """The words of a syntax without the brackets and bars between them; ``gzip[=level]`` is two."""
    found: list[str] = []
    for part in _WITH_OPTIONAL_VALUE.sub(r"\1 \1=\2", syntax).split():
        atom = part.lstrip("[")
        while atom.endswith("]") and atom.count("]") > atom.count("["):
            atom = atom[:-1]
        if "=" not in atom and "|" in atom:
            found += filter(None, atom.split("|"))
        elif atom:
            found.append(atom)
    return found


def _kind(value: str) -> str:
    if "[" in value or "$" in value:
        return ""
    return _KINDS.get(value, value if "|" in value else "")
