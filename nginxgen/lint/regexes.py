"""What can be said of a regular expression that paths are compared with, without trying one."""

from __future__ import annotations

import re

_OPTIONS = re.compile(r"\(\?[a-z]+\)")
_EVERYTHING = re.compile(r"\^?\$?|\^?/?\(?(?:\.\*\??)\)?\$?|\^?\(?\.\+\)?\$?|\^?/|\^?\(/\.\*\)\$?|\.")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_LITERAL = r"(?:[A-Za-z0-9/_-]|\\[./-])+"
_ESCAPE = re.compile(r"\\(?=[./-])")
_OPTIONAL = re.compile(r"[*?]|\{0?,")


def matches_all(pattern: str) -> bool:
    """Whether it surely matches every path there is; paths begin with a slash and have no line breaks."""
    bare = _OPTIONS.sub("", pattern)
    return bare not in ("$", "^$") and _EVERYTHING.fullmatch(bare) is not None


def never_matches(pattern: str) -> str | None:
    """Why no path at all matches it; None when one may."""
    bare = _OPTIONS.sub("", pattern)
    plain = _ESCAPED.sub("x", _CLASS.sub("x", bare))
    if "|" in plain:
        return None
    if bare.startswith("^") and (first := _first_character(bare[1:])) not in (None, "/"):
        return f'paths begin with "/", and this with "{first}"'
    if re.search(r"\$[A-Za-z0-9/.]", plain):
        return 'the "$" in it stands for the end of the path, and more is asked for behind it'
    return None


def takes_all_below(pattern: str) -> str | None:
    """The beginning of paths of which it surely matches every one: ``/api/`` for ``^/api/(.*)$``."""
    found = re.fullmatch(rf"\^({_LITERAL})(?:\.\*|\(\.\*\))?(?:(?<=[*)])\$)?", pattern)
    return _ESCAPE.sub("", found[1]) if found else None


def begins_with(pattern: str) -> str:
    """What every path that it matches begins with, as far as that is plain."""
    found = re.match(rf"\^({_LITERAL})", pattern)
    if found is None or "|" in re.sub(r"\([^()]*\)", "", _CLASS.sub("", pattern)):
        return ""
    literal = _ESCAPE.sub("", found[1])
    return literal[:-1] if _OPTIONAL.match(pattern, found.end()) else literal


def endings(pattern: str) -> frozenset[str] | None:
    """The endings of paths that it matches, each and no others: ``png`` and ``jpg`` for a pattern of these two."""
    found = re.fullmatch(r"(?:\^?/?\.[*+])?\\\.(?:\((?:\?:)?([A-Za-z0-9|]+)\)|([A-Za-z0-9]+))\$", pattern)
    return frozenset((found[1] or found[2]).split("|")) if found else None


def asks_for_arguments(pattern: str) -> bool:
    """Whether it wants a ``?`` in the path, where nginx has cut the arguments off."""
    return re.search(r"\\\?[A-Za-z_(\[.]", pattern) is not None


def _first_character(pattern: str) -> str | None:
    """The one character with which a match must begin; None when there is more than one, or perhaps none."""
    found = re.match(r"\\?([A-Za-z0-9_.-])", pattern)
    if found is None or (found[0] == ".") or re.match(r"\\[A-Za-z0-9]", pattern):
        return None
    return None if _OPTIONAL.match(pattern, found.end()) else found[1]
