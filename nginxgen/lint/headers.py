"""Headers that a backend gets: what is set for it on a level, and whether the level's list is known."""

from __future__ import annotations

from nginxgen.foreign import Node


def header(level: Node, name: str, of: str = "proxy_set_header") -> Node | None:
    """What sets a header for the backend on a level; the last of several."""
    found = [one for one in level.effective(of) if len(one.args) == 2 and one.args[0].lower() == name.lower()]
    return found[-1] if found else None


def knows_headers(level: Node, of: str = "proxy_set_header") -> bool:
    """Whether all headers that are set on a level are known: their list may stand in an include that is missing."""
    for around in level.levels():
        if not around.is_whole:
            return False
        if around.all(of):
            return True
    return level.root.inner == "main"
