"""Names: of groups, virtual hosts, headers, locations, formats and zones."""

import re

from nginxgen.model.kind import NotValid
from nginxgen.model.text import regex

_UPSTREAM = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9_])?")
_IDENTIFIER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_MODIFIERS = ("=", "^~", "~*", "~")
MAP_WORDS = frozenset({"default", "hostnames", "include", "volatile"})
_CROSSPLANE_WORD = re.compile(r"if|.*_by_lua(?:_block)?")


class Match(str):
    """What a location matches: nginx's modifier, a blank, and the URI or regular expression."""

    __slots__ = ()

    @property
    def modifier(self) -> str:
        """``=``, ``^~``, ``~``, ``~*``, ``@`` for a named location, or nothing for a plain prefix."""
        if self.startswith("@"):
            return "@"
        first, blank, _ = self.partition(" ")
        return first if blank and first in _MODIFIERS else ""

    @property
    def pattern(self) -> str:
        """What stands behind the modifier; of a named location, its name with "@"."""
        modifier = self.modifier
        return str(self) if modifier in ("", "@") else self[len(modifier) + 1 :]

    @property
    def is_regex(self) -> bool:
        """Whether the pattern is a regular expression."""
        return self.modifier in ("~", "~*")

    def words(self) -> list[str]:
        """The parameters of nginx's location."""
        return [self.pattern] if self.modifier in ("", "@") else [self.modifier, self.pattern]


def location_match(value: str) -> str:
    """``/prefix``, ``= /exact``, ``^~ /prefix``, ``~ regex``, ``~* regex`` or ``@name``."""
    match = Match(value)
    if match.modifier == "@":
        if not _IDENTIFIER.fullmatch(value[1:]):
            raise NotValid(f"{value!r} is no named location", "write @ and letters, digits, -, _ or .")
    elif match.is_regex:
        regex(match.pattern)
    elif not match.pattern.startswith("/"):
        if glued := re.fullmatch(r"(=|\^~|~\*?)\s*(\S.*)", value):
            raise NotValid(f"{value!r} has no blank behind {glued[1]}", f'write "{glued[1]} {glued[2]}"')
        raise NotValid(
            f"{value!r} matches no request: a URI begins with /",
            'write "/prefix", "= /exact", "^~ /prefix", "~ regex", "~* regex" or "@name"',
        )
    return match


def upstream_name(value: str) -> str:
    """The name of a group. It would shadow a host of that name, so addresses are refused."""
    if not _UPSTREAM.fullmatch(value):
        raise NotValid(f"{value!r} is no name for a group", "use letters, digits, -, _ and ., at most 63 of them")
    if value.lower() == "localhost" or re.fullmatch(r"[0-9.]+|0[xX][0-9A-Fa-f]+", value):
        raise NotValid(f"a group named {value} would shadow that address", "give it a name of its own")
    return value


def identifier(value: str) -> str:
    """The name of a zone, a log format or a TLS profile."""
    if not _IDENTIFIER.fullmatch(value):
        raise NotValid(f"{value!r} is no name", "use letters, digits, -, _ and ., at most 64 of them")
    return value


def header_name(value: str) -> str:
    """The name of a header field (RFC 9110)."""
    if "$" in value:
        raise NotValid("nginx expands no variables in the name of a header")
    if not _HEADER.fullmatch(value):
        raise NotValid(f"{shortened(value)} is no name of a header", "use letters, digits and -")
    return value


def server_name(value: str) -> str:
    """A virtual host: a name, ``*.example.org``, ``www.example.*``, ``.example.org``, ``~regex``, ``_`` or no name."""
    if value.startswith("~"):
        return "~" + regex(value[1:])
    if value in ("", "_", "$hostname"):
        return value
    if not value.isascii():
        raise NotValid(f"{value!r} is not in ASCII", _punycode_help(value))
    if re.search(r"[\s;{}]", value):
        raise NotValid(f"{value!r} is no host name", "several names are a list")
    if ":" in value or "/" in value:
        raise NotValid(f"{value!r} is no host name", "a name has no scheme, port or path")
    labels = value.removeprefix("*.").removeprefix(".").removesuffix(".*").removesuffix(".").split(".")
    if value.startswith("*.") and value.endswith(".*"):
        raise NotValid(f"{value!r} has two wildcards", "nginx takes one, first or last")
    if not all(map(_LABEL.fullmatch, labels)) or len(value) > 253:
        raise NotValid(
            f"{shortened(value)} is no host name", "a wildcard is the whole first or last part: *.example.org"
        )
    return value


def map_key(value: str) -> str:
    r"""A key of a map as nginx reads it: a text, ``~regex``, or ``\`` before a word that is one of nginx's own."""
    if value == "default":
        raise NotValid('nginx takes "default" in a map for a word of its own', 'write default = "…" beside entries')
    if value in MAP_WORDS:
        raise NotValid(f'nginx takes "{value}" in a map for a word of its own', f'"\\\\{value}" is the text')
    if _CROSSPLANE_WORD.fullmatch(value):
        raise NotValid(f'crossplane takes "{value}" in a map for a directive', f'"\\\\{value}" is the same for nginx')
    if value.startswith("~"):
        regex(value.removeprefix("~*").removeprefix("~"))
    return value


def mime_type(value: str) -> str:
    """A media type, such as ``text/html``."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9*][A-Za-z0-9!#$&^_.+*-]*|\*", value):
        raise NotValid(f"{value!r} is no media type", "write type/subtype, such as text/html")
    return value


def extension(value: str) -> str:
    """The end of a file's name behind the dot."""
    if not re.fullmatch(r"[A-Za-z0-9_+-][A-Za-z0-9_.+-]*", value):
        raise NotValid(f"{value!r} is no extension of a file", "leave the dot out")
    return value


def environment(value: str) -> str:
    """A variable of the environment, with ``=value`` or without."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*(=.*)?", value, re.DOTALL):
        raise NotValid(f"{value!r} is no variable of the environment")
    return value


def user_name(value: str) -> str:
    """An account of the system."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*\$?", value):
        raise NotValid(f"{value!r} is no account's name")
    return value


def shortened(value: str) -> str:
    """A value for a message."""
    return repr(value if len(value) <= 60 else value[:57] + "...")


def _punycode_help(value: str) -> str | None:
    try:
        return f"write {value.encode('idna').decode()}"
    except UnicodeError:
        return None
