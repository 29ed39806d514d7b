"""Where directives send a client: which word says it, and what of it is the host."""

from __future__ import annotations

import re

from nginxgen.foreign import Node

_CODES = ("301", "302", "303", "307", "308")
_AWAY = ("http://", "https://", "$scheme")
NAMES = ("return", "rewrite", "error_page")


def redirect_word(node: Node) -> int:
    """Which word of a directive is the address to which it sends a client; 0 when it sends none."""
    if node.name == "return" and node.args:
        if not node.args[0].isdigit():
            return 1
        return 2 if node.args[0] in _CODES and len(node.args) > 1 else 0
    if node.name == "rewrite" and len(node.args) > 1:
        return 2 if node.args[1].startswith(_AWAY) or node.args[-1] in ("redirect", "permanent") else 0
    if node.name == "error_page" and len(node.args) > 1:
        return len(node.args) if "://" in node.args[-1] else 0
    return 0


def host_in(address: str) -> str:
    """The host of an address; of one that begins with a variable, that variable, as it may hold the host too."""
    if "://" in address:
        return re.split(r"[/?#]", address.partition("://")[2])[0]
    found = re.match(r"\$\w+|\$\{\w+\}", address)
    return found[0] if found else ""
