"""Which rules count: codes, beginnings of codes, or names, as somebody has written them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from nginxgen.lint.rule import Rule
from nginxgen.lint.rules import RULES


class Selection(NamedTuple):
    """Words that select rules, and words that take them out again; of two that fit a rule, the longer one counts."""

    select: tuple[str, ...] = ()
    """All, when there are none."""
    ignore: tuple[str, ...] = ()

    def rules(self) -> list[Rule]:
        """The rules that count."""
        return [rule for rule in RULES.values() if self.has(rule)]

    def has(self, rule: Rule) -> bool:
        """Whether a rule counts."""
        chosen = max((_fit(word, rule) for word in self.select), default=1)
        return chosen > max((_fit(word, rule) for word in self.ignore), default=0)


def _fit(word: str, rule: Rule) -> int:
    """How closely a word stands for a rule; 0 when it does not."""
    if word.upper() == "ALL":
        return 1
    if word.lower() == rule.name:
        return len(rule.code) + 1
    return len(word) if rule.code.startswith(word.upper()) else 0


def unknown(words: Iterable[str]) -> list[tuple[str, str]]:
    """The words that stand for no rule, each with what may have been meant."""
    return [(word, _guess(word)) for word in words if not any(_fit(word, rule) for rule in RULES.values())]


def _guess(word: str) -> str:
    known: Sequence[str] = [*RULES, *(rule.name for rule in RULES.values())]
    close = get_close_matches(word.upper(), known, n=1) or get_close_matches(word.lower(), known, n=1)
    return f"did you mean {close[0]}?" if close else "nginxgen explain lists every code"
