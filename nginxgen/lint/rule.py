"""What a rule is: a code, why it matters, how it is mended, an example of each kind, and what looks for it.

Knows configurations and targets; not where they came from and not how findings are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from nginxgen.conf.target import Target
from nginxgen.conf.version import Version
from nginxgen.diagnostic import Diagnostic, Edit, Severity, Spot
from nginxgen.foreign import Configuration


class Subject(NamedTuple):
    """What is judged: a configuration, and the nginx that reads it."""

    configuration: Configuration
    target: Target


class Finding(NamedTuple):
    """One place where a rule is broken.

    Args:
        message: what is wrong there, in a sentence without a full stop, with the words that stand there.
        where: the place, best a single word: ``node.spot(2)``.
        help: what to do there; else what the rule says in general.
        also: further places, each with what to say of it.
        fix: what mends it without changing anything else that a request would notice, where that is certain.
        severity: when it is another one here than the rule's.
    """

    message: str
    where: Spot
    help: str | None = None
    also: tuple[tuple[Spot, str], ...] = ()
    fix: tuple[Edit, ...] = ()
    severity: Severity | None = None


class Rule(NamedTuple):
    """A rule.

    Args:
        code: never reused and never renumbered.
        name: in lower case with hyphens, for people: ``--ignore`` takes it too.
        severity: an error is broken or dangerous as it stands, a warning is most often wrong, a note a matter to know.
        title: what is found, in a few words.
        why: what happens to whom, in one or two sentences; with the claim's source where it needs one.
        mend: what to write instead.
        bad: a text on which it fires, as short as it can be; of any context, such as a server's block.
        good: the same, mended; on it, it is silent.
        check: looks for it.
        directives: it can fire only where one of these stands; empty when that is not so.
        since: the first nginx for which it holds, if not all.
        until: the first for which it holds no more.
        is_refused: whether nginx refuses the bad text.
    """

    code: str
    name: str
    severity: Severity
    title: str
    why: str
    mend: str
    bad: str
    good: str
    check: Callable[[Subject], Iterator[Finding]]
    directives: frozenset[str] = frozenset()
    since: Version | None = None
    until: Version | None = None
    is_refused: bool = False

    def holds(self, target: Target) -> bool:
        """Whether it matters to an nginx of the target."""
        is_late_enough = self.since is None or target.highest >= self.since
        return is_late_enough and (self.until is None or target.lowest < self.until)

    def look(self, subject: Subject) -> Iterator[Diagnostic]:
        """What it finds."""
        if self.directives and self.directives.isdisjoint(subject.configuration.names):
            return
        for found in self.check(subject):
            severity = found.severity or self.severity
            help = found.help or self.mend
            yield Diagnostic(self.code, severity, found.message, found.where, help, found.also, fix=found.fix)
