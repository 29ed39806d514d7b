"""Where a directive has swallowed the next one, since its ``;`` is missing."""

from __future__ import annotations

from nginxgen.conf.facts import forms_in
from nginxgen.foreign import Node
from nginxgen.lint.parameters import shape

_PROSE = frozenset({"log_format", "gzip_types", "add_header", "limit_except", "map", "return"})
"""What often has words on several lines that could be names of directives."""


def swallowed(node: Node) -> int | None:
    """The number of the word with which another directive begins, on a line of its own; None when there is none."""
    if len(node.words) < 2 or node.name in _PROSE or not forms_in(node.name, node.context):
        return None
    text = node.file.text
    known = shape(node.name, node.context)
    for at, word in enumerate(node.words[1:], 1):
        if (
            word.is_quoted
            or (known is not None and word.value in known.words)
            or "\n" not in text[node.words[at - 1].end : word.start]
        ):
            continue
        if forms_in(word.value, node.context) and (at + 1 < len(node.words) or node.children is not None):
            following = node.words[at + 1] if at + 1 < len(node.words) else None
            # The directive has parameters on its own line, as one that begins there does.
            if following is None or "\n" not in text[word.end : following.start]:
                return at
    return None
