"""What a kind of text is: how it is read from a scalar, and what people and editors are told of it."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, NamedTuple

from nginxgen.conf.token import MultiLine, unrepresentable, unwritable


class NotValid(ValueError):
    """A value that its kind does not take; ``help`` says what to write instead."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


def one_of(*words: str, pattern: str | None = None, form: str = "") -> Callable[[str], str]:
    """What takes one of some words, or what matches a pattern beside them; ``form`` says in words what that is."""

    def parse(value: str) -> str:
        if value in words or (pattern and re.fullmatch(pattern, value, re.ASCII)):
            return value
        close = get_close_matches(value, words, n=1)
        help = f'did you mean "{close[0]}"?' if close else None
        raise NotValid(f"{value!r} is not one of {', '.join(words)}" + (f", nor {form}" if form else ""), help)

    return parse


class Between(NamedTuple):
    """Bounds of a whole number, both taken."""

    low: int
    high: int


class Kind(NamedTuple):
    """A kind of text."""

    name: str
    """What it is, for messages: ``a time``."""
    parse: Callable[[str], str]
    """The text as the model keeps it, or `NotValid`."""
    family: str
    """Which hostile values are aimed at it; tests read this."""
    expands: bool = False
    """Whether nginx replaces ``$variables`` in it."""
    numbers: bool = False
    """Whether a whole number may stand for its digits."""
    flags: bool = False
    """Whether true and false may stand for ``on`` and ``off``."""
    patterns: bool = False
    """Whether a regular expression, with ~ before it, may stand instead; nginx replaces nothing in that."""
    joined: bool = False
    """Whether nginx has two words for it, a modifier and what it modifies, with a blank between."""
    multiline: bool = False
    """Whether tabs and line ends may stand in it."""
    elsewhere: bool = False
    """Whether it never stands in nginx.conf, and is as long as it likes."""
    pattern: str | None = None
    """For editors: a JavaScript regular expression that every right value matches."""

    def read(self, value: Any) -> str:
        """The text that a scalar stands for.

        Raises:
            NotValid: with the reason, and what to write instead where that is known.
        """
        if self.numbers and type(value) is int:
            value = str(value)
        if self.flags and isinstance(value, bool):
            value = "on" if value else "off"
        if not isinstance(value, str):
            help = f'write "{value}"' if isinstance(value, int | float) and not isinstance(value, bool) else None
            raise NotValid(f"{self.name} is written as a string, not as {type_name(value)}", help)
        if self.multiline:
            value = MultiLine(value)
        is_plain = value.isascii() and value.isprintable() and len(value) < 2000
        if not is_plain and (problem := (unwritable if self.elsewhere else unrepresentable)(value)):
            raise NotValid(f"the value {problem}", None if self.elsewhere else "nginx.conf cannot hold it")
        return self.parse(value)


def type_name(value: Any) -> str:
    """What TOML and JSON call a value's type."""
    match value:
        case bool():
            return "true or false"
        case None:
            return "null"
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
        case int() | float():
            return f"the number {value}"
        case str():
            return "a string"
    return f"a {type(value).__name__}"
