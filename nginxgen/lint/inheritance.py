"""Lists that nginx inherits whole or not at all: what a level with a list of its own no longer has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nginxgen.foreign import Configuration, Node
from nginxgen.lint.rule import Finding


class Lost(NamedTuple):
    """Directives that hold around a level, and not in it."""

    first: Node
    """The level's own first directive of that name, which takes the others away."""
    nodes: list[Node]

    @property
    def names(self) -> str:
        """What was lost, by its first parameters: ``Host, X-Real-IP``."""
        return ", ".join(dict.fromkeys(one.args[0] for one in self.nodes if one.args))


def lost(configuration: Configuration, name: str) -> Iterator[Lost]:
    """What is lost of a list, for each level with a list of its own; what has the same first parameter is not."""
    levels = dict.fromkeys(one.parent for one in configuration.named(name) if one.parent is not None)
    for level in levels:
        own = {_key(one) for one in level.all(name)}
        if "upgrade" in own:
            own.add("connection")  # Of a WebSocket, which needs one of its own: NG105's.
        around = next((one for one in level.around() if one.all(name)), None)
        nodes = [one for one in around.all(name) if _key(one) not in own] if around is not None else []
        if nodes:
            yield Lost(level.all(name)[0], nodes)


def lost_findings(configuration: Configuration, names: Iterable[str]) -> Iterator[Finding]:
    """What is lost of some lists, as findings."""
    for name in names:
        for one in lost(configuration, name):
            message = f"{name} here takes away what is inherited: {one.names}"
            also = ((one.nodes[0].spot(), "holds no more where a level has one of its own"),)
            yield Finding(message, one.first.spot(), f"repeat {one.names} on this level", also)


def _key(node: Node) -> str:
    return node.args[0].lower() if node.args else ""
