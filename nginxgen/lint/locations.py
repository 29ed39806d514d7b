"""What the words of a location say: how a path is compared, and with what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nginxgen.foreign import Configuration, Node

_MODIFIERS = ("^~", "~*", "=", "~", "@")
"""The longer ones first: nginx takes them with or without a space behind them."""


class Location(NamedTuple):
    """A location. Its modifier is one of ``=``, ``^~``, ``~``, ``~*``, ``@`` or empty; ``word`` is that of the path."""

    node: Node
    modifier: str
    path: str
    word: int

    @property
    def is_prefix(self) -> bool:
        """Whether it is for all paths that begin alike."""
        return self.modifier in ("", "^~")

    @property
    def is_regex(self) -> bool:
        """Whether it is for paths that match a regular expression."""
        return self.modifier in ("~", "~*")

    @property
    def is_named(self) -> bool:
        """Whether no request asks for it, only other directives do."""
        return self.modifier == "@"


def location(node: Node | None) -> Location | None:
    """What a location says; None for other directives, and for a location without words."""
    if node is None or node.name != "location" or not node.args or node.children is None:
        return None
    if len(node.args) > 1:
        return Location(node, node.args[0], node.args[1], 2)
    only = node.args[0]
    modifier = next((one for one in _MODIFIERS if only.startswith(one)), "")
    return Location(node, modifier, only.removeprefix(modifier) if modifier != "@" else only, 1)


def location_around(node: Node) -> Location | None:
    """The nearest location around a directive, which may stand in an if or limit_except of it."""
    return location(next((one for one in node.around() if one.name in ("location", "server")), None))


def locations(configuration: Configuration) -> Iterator[Location]:
    """Every location there is."""
    return (found for one in configuration.named("location") if (found := location(one)) is not None)


def siblings(level: Node) -> list[Location]:
    """The locations that stand in a block itself, in order."""
    return [found for one in level.all("location") if (found := location(one)) is not None]


def server_around(node: Node) -> Node | None:
    """The block of the server in which a directive stands; None when that is not in sight."""
    return next((one for one in node.around() if one.inner == "server" and one.words), None)
