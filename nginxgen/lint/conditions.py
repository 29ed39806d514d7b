"""What an if asks, and whether a request goes on behind it."""

from __future__ import annotations

from nginxgen.foreign import Node

OF_REWRITE = frozenset({"set", "return", "rewrite", "break", "if", "rewrite_log"})
"""What nginx does while it goes through the ifs of a level, and what is not lost with the block's other settings."""
_ENDS = frozenset({"last", "permanent", "redirect"})


def ends_the_request(block: Node) -> bool:
    """Whether a request for which the block is taken surely ends there, or looks for another location."""
    return any(one.name == "return" or _is_final_rewrite(one, _ENDS) for one in block.children or ())


def leaves_the_level(block: Node) -> bool:
    """Whether nothing behind the block on its level is looked at by a request for which it is taken."""
    final = _ENDS | {"break"}
    return any(one.name in ("return", "break") or _is_final_rewrite(one, final) for one in block.children or ())


def _is_final_rewrite(node: Node, flags: frozenset[str]) -> bool:
    # Whether its pattern matches cannot be told; who writes one there means that it does.
    return (
        node.name == "rewrite"
        and len(node.args) > 1
        and (not flags.isdisjoint(node.args[2:]) or node.args[1].startswith(("http://", "https://", "$scheme")))
    )


def comparison(condition: Node) -> tuple[str, str, str] | None:
    """The variable, the operator and the text of an if that compares; None for other conditions."""
    words = " ".join(condition.args).strip().removeprefix("(").removesuffix(")").split(None, 2)
    return (words[0], words[1], words[2].strip()) if len(words) == 3 else None


def exclude_each_other(one: Node, other: Node) -> bool:
    """Whether two ifs surely do not hold for the same request."""
    first, second = comparison(one), comparison(other)
    if first is None or second is None or first[0] != second[0]:
        return False
    operators = {first[1], second[1]}
    if operators == {"="}:
        return first[2] != second[2]
    return first[2] == second[2] and operators in ({"=", "!="}, {"~", "!~"}, {"~*", "!~*"})
