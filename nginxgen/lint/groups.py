"""Groups of backends: where they are defined, what stands in them, and who asks them."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.foreign import Configuration, Node

METHODS = frozenset({"hash", "ip_hash", "least_conn", "least_time", "random"})
"""What chooses the server; without any of them they take turns."""


def groups(configuration: Configuration) -> Iterator[Node]:
    """Every upstream block, of HTTP and of stream, that has a name."""
    return (one for one in configuration.named("upstream") if one.args and one.children is not None)


def http_groups(configuration: Configuration) -> dict[str, Node]:
    """The groups that requests of HTTP may go to, by name."""
    return {one.args[0]: one for one in groups(configuration) if not one.context.startswith("stream")}


def servers(group: Node) -> list[Node]:
    """The servers of a group, those without an address left out."""
    return [one for one in group.all("server") if one.args]


def parameter(server: Node, name: str) -> int | None:
    """Which word of a server is a parameter: ``backup``, or ``max_fails`` of ``max_fails=3``."""
    found = (at for at, word in enumerate(server.args[1:], 2) if word.partition("=")[0] == name)
    return next(found, None)


def connections_kept(group: Node) -> Node | None:
    """The group's ``keepalive``, unless it is switched off there."""
    found = group.first("keepalive")
    return found if found is not None and found.args and found.args[0] != "0" else None
