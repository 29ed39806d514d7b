"""The headers by which browsers protect whoever visits a site, and where nginx adds them."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.foreign import Configuration, Node

PROTECTING = {
    one.lower(): one
    for one in (
        "Content-Security-Policy",
        "Cross-Origin-Embedder-Policy",
        "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy",
        "Permissions-Policy",
        "Referrer-Policy",
        "Strict-Transport-Security",
        "X-Content-Type-Options",
        "X-Frame-Options",
    )
}
"""By the name in small letters."""
HSTS = "strict-transport-security"


def added(configuration: Configuration) -> Iterator[tuple[Node, str]]:
    """Every add_header with a name and a value, and that name in small letters."""
    for node in configuration.named("add_header"):
        if len(node.args) > 1:
            yield node, node.args[0].lower()


def value_of(level: Node, name: str) -> Node | None:
    """What adds a header on a level; the last of several."""
    found = [one for one in level.effective("add_header") if len(one.args) > 1 and one.args[0].lower() == name]
    return found[-1] if found else None
