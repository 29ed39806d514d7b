"""Where a file belongs that is no whole configuration: most real ones are made to be included somewhere."""

from __future__ import annotations

from collections.abc import Iterable

from nginxgen.conf.facts import FREE_FORM, forms_in
from nginxgen.conf.grammar import inner_context
from nginxgen.foreign.node import Node

LIKELY = (
    "main",
    "http",
    "server",
    "location",
    "upstream",
    "stream",
    "stream server",
    "stream upstream",
    "events",
    "mail",
)
"""From the outside in; of contexts that fit alike, the first of these is taken."""
_SPOKEN = "http"


def guess_context(statements: Iterable[Node]) -> str:
    """The context in which most of the statements may stand; ``types`` when they are no directives at all."""
    told = list(statements)
    scores = {context: _fitting(told, context) for context in LIKELY}
    best = max(scores.values())
    if not best and told:
        return "types"
    if scores[_SPOKEN] == best and any(one.children is not None for one in told):
        return _SPOKEN  # main has http and stream blocks only, both of which have servers
    fitting = [context for context in LIKELY if scores[context] == best]
    # Settings without blocks, such as a set of headers, are made for servers and their locations.
    return "server" if "server" in fitting and all(one.children is None for one in told) else fitting[0]


def _fitting(statements: Iterable[Node], context: str) -> int:
    """How many statements may stand in a context, those inside blocks that fit among them."""
    count = 0
    for one in statements:
        if any(form.block == (one.children is not None) for form in forms_in(one.name, context)):
            count += 1
            if one.children and one.name not in FREE_FORM:
                count += _fitting(one.children, inner_context(one.name, context))
    return count
