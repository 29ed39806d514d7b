"""What there is to find in a configuration, or in what a cluster is rendered to, when comments were heard.

Knows nothing of files and of how findings are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from nginxgen.diagnostic import Diagnostic, Spot, Where
from nginxgen.foreign import Configuration, parse_text
from nginxgen.lint.ignores import ignores_in, ignores_in_toml, without_ignored
from nginxgen.lint.patterns import is_cut
from nginxgen.lint.rule import Rule, Subject
from nginxgen.lint.rules import RULES
from nginxgen.proven import Rendered

_OF_PATTERNS = "NG157"
_OF_TEXTS = "NG5"
"""Rules of style are about how a text is written, which nobody did who has it rendered."""

_SAID_AGAIN: dict[str, tuple[str, ...]] = {
    "NG010": ("NG124",),
    "NG013": ("NG128",),
    "NG018": ("NG122",),
    "NG024": ("NG140", "NG201"),
}
"""Warnings about a cluster, and the rules that find the same in its text; what a rule has found is told once."""


def lint(subject: Subject, rules: Iterable[Rule] = RULES.values()) -> list[Diagnostic]:
    """Every finding that no comment ignores, with what nginx would not read."""
    asked = _asked(subject, rules)
    found = list(_look(subject, asked))
    problems = [one for one in subject.configuration.problems if not _follows(one, subject.configuration, found)]
    return list(without_ignored(chain(problems, found), ignores_in(subject.configuration), _codes(asked)))


def every_finding(subject: Subject) -> Iterator[Diagnostic]:
    """What all rules find, whatever is chosen and whatever comments ignore."""
    return _look(subject, _asked(subject, RULES.values()))


def lint_rendered(rendered: Rendered, rules: Iterable[Rule] = RULES.values()) -> list[Diagnostic]:
    """Every finding in a rendered text and every warning about it, at the places of the cluster that they come from."""
    subject = Subject(parse_text(rendered.text), rendered.target)
    wanted = _asked(subject, (one for one in rules if not one.code.startswith(_OF_TEXTS)))
    own = [_in_cluster(one, rendered) for one in _look(subject, wanted)]
    found = chain((one for one in rendered.diagnostics if not _is_said_again(one, own)), own)
    if rendered.sources is None:
        return list(found)
    sources = rendered.sources
    placed = (one._replace(where=sources.spot(one.where, one.key) or one.where) for one in found)
    return list(without_ignored(placed, chain.from_iterable(map(ignores_in_toml, sources.files)), _codes(wanted)))


def _asked(subject: Subject, rules: Iterable[Rule]) -> list[Rule]:
    """The rules that hold for the nginx that reads it."""
    return [one for one in rules if one.holds(subject.target)]


def _codes(rules: Iterable[Rule]) -> set[str]:
    return {one.code for one in rules}


def _look(subject: Subject, rules: Iterable[Rule]) -> Iterator[Diagnostic]:
    for rule in rules:
        yield from rule.look(subject)


def _in_cluster(one: Diagnostic, rendered: Rendered) -> Diagnostic:
    where = rendered.origin(_line(one.where)) if isinstance(one.where, Spot) else one.where
    also = tuple((rendered.origin(_line(at)) or (), text) for at, text in one.also if isinstance(at, Spot))
    return one._replace(where=where, also=also, fix=())


def _is_said_again(warned: Diagnostic, own: list[Diagnostic]) -> bool:
    """Whether a rule has found what a warning says, at the same field or in the same table of the cluster."""
    codes = _SAID_AGAIN.get(warned.code, ())
    return any(one.code in codes and _is_same_place(warned.where, one.where) for one in own)


def _is_same_place(first: Where, second: Where) -> bool:
    if (
        not isinstance(first, tuple)
        or not isinstance(second, tuple)
        or isinstance(first, Spot)
        or isinstance(second, Spot)
    ):
        return False
    shorter, longer = sorted((first, second), key=len)
    return longer[: len(shorter)] == shorter or (len(shorter) > 2 and longer[: len(shorter) - 1] == shorter[:-1])


def _follows(problem: Diagnostic, configuration: Configuration, found: list[Diagnostic]) -> bool:
    """Whether a block has no end only since a pattern in it, of which a rule tells, was read as a block."""
    if not isinstance(problem.where, Spot) or all(one.code != _OF_PATTERNS for one in found):
        return False
    at = (problem.where.file, problem.where.span.start)
    cut = (node for node in configuration.walk() if is_cut(node))
    return any((block.file, block.start) == at for node in cut for block in node.around())


def _line(spot: Spot) -> int:
    return spot.file.position(spot.span.start)[0]
