"""What the rules find in a configuration, or in what a cluster is rendered to.

Knows which rules there are; not what was ignored, nor how findings are shown.
"""

from __future__ import annotations

from collections.abc import Iterable

from nginxgen.diagnostic import Diagnostic, Spot
from nginxgen.foreign import parse_text
from nginxgen.lint.rule import Rule, Subject
from nginxgen.lint.rules import RULES
from nginxgen.proven import Rendered

_OF_TEXTS = ("NG5",)
"""Rules of style are about how a text is written, which nobody did who has it rendered."""


def lint(subject: Subject, rules: Iterable[Rule] = RULES.values()) -> list[Diagnostic]:
    """Every finding, with what nginx would not read."""
    held = (one for one in rules if one.holds(subject.target))
    return [*subject.configuration.problems, *(found for rule in held for found in rule.look(subject))]


def lint_rendered(rendered: Rendered, rules: Iterable[Rule] = RULES.values()) -> list[Diagnostic]:
    """Every finding in a rendered text, at the places of the cluster that it comes from."""
    subject = Subject(parse_text(rendered.text), rendered.target)
    wanted = (one for one in rules if not one.code.startswith(_OF_TEXTS))
    return [_in_cluster(one, rendered) for one in lint(subject, wanted)]


def _in_cluster(one: Diagnostic, rendered: Rendered) -> Diagnostic:
    where = rendered.origin(_line(one.where)) if isinstance(one.where, Spot) else one.where
    also = tuple((rendered.origin(_line(at)) or (), text) for at, text in one.also if isinstance(at, Spot))
    return one._replace(where=where, also=also, fix=())


def _line(spot: Spot) -> int:
    return spot.file.position(spot.span.start)[0]
