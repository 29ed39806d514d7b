"""Fixes put into the files, rule by rule, each kept only when the result shows that it did what it should.

That is: nginx still reads it, the rule finds less, and no rule finds more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from nginxgen.conf.target import Target
from nginxgen.diagnostic import Diagnostic, Edit
from nginxgen.errors import NginxgenError
from nginxgen.foreign import Configuration, read_configuration
from nginxgen.lint.engine import lint
from nginxgen.lint.rule import Rule, Subject
from nginxgen.source import SourceFile

_MOST_ROUNDS = 4
"""Fixes that overlap are put in one after the other."""


class Mended(NamedTuple):
    """What came of it: texts that changed, by file name, with what was there; and how many findings are gone."""

    before: dict[str, str]
    after: dict[str, str]
    gone: int


def mend(names: Sequence[str], rules: Sequence[Rule], target: Target) -> Mended:
    """The texts of a configuration's files with every fix that is certain.

    Raises:
        NginxgenError: when it is no files that could be written.
    """
    configuration = read_configuration(names)
    if configuration.is_dump or "-" in names:
        raise NginxgenError("only files can be mended, and not what was printed or piped; name the files themselves")
    before: dict[str, str] = {}
    texts: dict[str, str] = {}
    found = lint(Subject(configuration, target), rules)
    first = len(found)
    for rule in rules:
        for _ in range(_MOST_ROUNDS):
            edits = [edit for one in found if one.code == rule.code for edit in one.fix]
            changed = _applied(edits)
            if not changed:
                break
            trial = texts | {file.name: text for file, text in changed.items()}
            configuration = read_configuration(names, trial)
            now = lint(Subject(configuration, target), rules)
            if not _is_better(found, now, rule, configuration):
                break
            for file in changed:
                before.setdefault(file.name, file.text)
            texts, found = trial, now
    return Mended(before, texts, first - len(found))


def _is_better(before: list[Diagnostic], now: list[Diagnostic], rule: Rule, configuration: Configuration) -> bool:
    was, counts = (Counter(one.code for one in found) for found in (before, now))
    is_worse = any(counts[code] > was[code] for code in counts)
    return counts[rule.code] < was[rule.code] and not is_worse and not configuration.problems


def _applied(edits: list[Edit]) -> dict[SourceFile, str]:
    """The texts of files with edits put in; of two that overlap, the later one waits."""
    made: dict[SourceFile, str] = {}
    for file in dict.fromkeys(edit.spot.file for edit in edits):
        own = sorted({edit for edit in edits if edit.spot.file is file}, key=lambda one: one.spot.span)
        parts, at = [], 0
        for edit in own:
            if edit.spot.span.start >= at:
                parts += [file.text[at : edit.spot.span.start], edit.text]
                at = edit.spot.span.end
        text = "".join([*parts, file.text[at:]])
        if text != file.text:
            made[file] = text
    return made
