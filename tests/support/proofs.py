"""A cluster's text step by step: printed with any quoting, read by crossplane and by the own tokenizer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jinja2
import pytest

from nginxgen import rendering
from nginxgen.conf.target import Target
from nginxgen.conf.token import Word, words
from nginxgen.conf.tree import Directive
from nginxgen.diagnostic import has_errors
from nginxgen.expand import expand
from nginxgen.model.cluster import Cluster
from nginxgen.proof import prove
from nginxgen.read import read_cluster
from nginxgen.rendering.environment import environment, finalize

NEWEST = Target.parse("1.31.4")


@cache
def templates(quoting: Callable[[Any], str] = finalize) -> jinja2.Environment:
    """nginxgen's templates, compiled once for all tests."""
    return environment(quoting=quoting)


def printed(explicit: Cluster, quoting: Callable[[Any], str] = finalize) -> str:
    """The text of an explicit cluster, not yet proven."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "own_environment", lambda: templates(quoting))
        return rendering.print_cluster(explicit, "Made by a test")


def prove_round_trip(cluster: Cluster, target: Target = NEWEST) -> str | None:
    """Show that what is expanded, printed and read is the same again, whoever reads: the text.

    None when the target refuses it, such as a list of more words than the directive takes.
    """
    explicit, _, diagnostics = expand(cluster, target)
    assert expand(explicit, target).cluster == explicit, "expanding what is expanded changes it"
    if has_errors(diagnostics):
        return None
    text = printed(explicit)
    tree = prove(text, explicit, target)
    assert read_cluster(tree) == explicit
    assert own_tree(text) == tuple(one.directive() for one in tree), "crossplane and the own tokenizer read differently"
    return text


def own_tree(text: str) -> tuple[Directive, ...]:
    """What the own tokenizer reads, as directives; without crossplane."""
    return _block(words(text))


def _block(tokens: Iterator[Word]) -> tuple[Directive, ...]:
    found: list[Directive] = []
    gathered: list[str] = []
    for token in tokens:
        if token.value is not None:
            gathered.append(token.value)
        elif token.mark == "}":
            break
        else:
            inner = _block(tokens) if token.mark == "{" else None
            name, args = gathered[0], tuple(gathered[1:])
            if name == "if" and inner is not None:
                assert (args[0], args[-1]) == ("(", ")")
                args = args[1:-1]
            found.append(Directive(name, args, inner))
            gathered = []
    assert not gathered, "the text ends in the middle of a statement"
    return tuple(found)
