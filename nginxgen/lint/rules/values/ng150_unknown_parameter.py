"""NG150: a parameter that its directive does not know."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.parameters import Shape, shape
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.semicolons import swallowed
from nginxgen.lint.templates import is_filled_in

_ON_OFF = frozenset({"on", "off"})
_COMMERCIAL = frozenset({"slow_start", "least_time"})
_AT_MOST = 12


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.walk():
        if node.children is not None or node.parent is None or node.parent.is_free_form:
            continue
        known = shape(node.name, node.context)
        # What is nothing but on or off is NG402's.
        if known is not None and (known.free or not known.words <= _ON_OFF):
            yield from _in(node, known)


def _in(node: Node, known: Shape) -> Iterator[Finding]:
    own = node.args[: (swallowed(node) or len(node.words)) - 1]  # what a missing semicolon lets in is NG154's
    strange = [at for at, word in enumerate(own, 1) if not _is_known(word, known)]
    if len(strange) <= known.free or any(map(is_filled_in, node.args)):
        return
    for at in strange[known.free :]:
        word = node.args[at - 1]
        name = word.partition("=")[0]
        if "$" in word:
            continue  # a template of envsubst; nginx itself replaces nothing here
        yield Finding(
            f"{node.name} has no parameter {name if '=' in word else word}", node.spot(at), _help(word, known)
        )


def _is_known(word: str, known: Shape) -> bool:
    name, equals, _ = word.partition("=")
    folded = word.lower() if not known.free and not known.named else word
    return folded in {one.lower() for one in known.words} | known.words or (bool(equals) and name in known.named)


def _help(word: str, known: Shape) -> str:
    name, equals, _ = word.partition("=")
    if name in _COMMERCIAL:
        return f"{name} belongs to the commercial NGINX Plus; take it out"
    if close := get_close_matches(name + equals, known.known, n=1, cutoff=0.6):
        return f"did you mean {close[0]}?"
    if not known.known:
        return "take it out"
    some = ", ".join(known.known[:_AT_MOST])
    return f"it takes {some}" + (" and others" if len(known.known) > _AT_MOST else "")


RULE = Rule(
    code="NG150",
    name="unknown-parameter",
    severity=Severity.ERROR,
    title="a parameter that its directive does not have",
    why="nginx refuses the whole configuration for one misspelt parameter, and so does a reload. (The syntax of each"
    ' directive on nginx.org; both binaries say "invalid parameter" or "invalid value".)',
    mend="Write one of the parameters that the directive has.",
    bad="""\
upstream cart {
    server 127.0.0.1:8080 wieght=3;
}
""",
    good="""\
upstream cart {
    server 127.0.0.1:8080 weight=3;
}
""",
    check=_check,
    is_refused=True,
)
