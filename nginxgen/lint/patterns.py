"""Regular expressions in a configuration: where they stand; and what is no block although it was read as one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.foreign import Node

REGEX_WORDS = ("~", "~*", "!~", "!~*")
_MARKED = ("proxy_redirect", "proxy_cookie_path", "proxy_cookie_domain", "proxy_cookie_flags")
"""Whose first word is a pattern when it begins with ~."""
_REST_OF_A_QUANTIFIER = re.compile(r"[0-9]+(?:,[0-9]*)?\}")


def patterns(node: Node) -> Iterator[tuple[int, str]]:
    """The regular expressions among a directive's words, without what marks them, and which words they are."""
    args = node.args
    if node.parent is not None and node.parent.name == "map":
        if node.name.startswith("~") and len(args) == 1:
            yield 0, node.name.removeprefix("~").removeprefix("*")
    elif node.name == "location" and len(args) == 2 and args[0] in ("~", "~*"):
        yield 2, args[1]
    elif node.name == "rewrite" and args:
        yield 1, args[0]
    elif node.name == "server_name":
        yield from ((at, one[1:]) for at, one in enumerate(args, 1) if one.startswith("~"))
    elif node.name == "gzip_disable":
        yield from ((at, one) for at, one in enumerate(args, 1) if one != "msie6")
    elif node.name in _MARKED and args and args[0].startswith("~"):
        if pattern := args[0].removeprefix("~").removeprefix("*"):  # ~ alone is every cookie
            yield 1, pattern
    elif node.name == "valid_referers":
        yield from ((at, one[1:]) for at, one in enumerate(args, 1) if one.startswith("~"))
    elif node.name == "fastcgi_split_path_info" and args:
        yield 1, args[0]
    elif node.name == "if" and len(args) == 3 and args[1] in REGEX_WORDS and args[2].endswith(")"):
        yield 3, args[2][:-1]


def is_cut(node: Node) -> bool:
    """Whether what was read as a block is a quantifier such as {8} of a pattern that has no quotes around it."""
    is_glued = node.children is not None and bool(node.words) and node.words[-1].end == node.end - 1
    return is_glued and _REST_OF_A_QUANTIFIER.match(node.file.text, node.end) is not None


def opens_a_hole(node: Node) -> bool:
    """Whether what was read as the beginning of a block is that of a template's hole, as in ``listen {{port}}``."""
    return node.children is not None and node.file.text[node.end : node.end + 1] in ("{", "%", "#")
