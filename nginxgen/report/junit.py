"""Suites of cases as JUnit's XML, which build servers read.

Knows the form (the schema that Jenkins and GitLab read); not what a case is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr


class Case(NamedTuple):
    """One case of a suite: it passed when there is neither a failure nor a reason why it was skipped."""

    name: str
    seconds: float = 0.0
    failures: tuple[str, ...] = ()
    """What is wrong, each with a first line that says it in short."""
    skipped: str | None = None
    file: str | None = None
    line: int | None = None


class Suite(NamedTuple):
    """Cases that belong together."""

    name: str
    cases: tuple[Case, ...]


def to_junit(suites: Iterable[Suite]) -> str:
    """The document."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for suite in suites:
        failed = sum(bool(one.failures) for one in suite.cases)
        skipped = sum(one.skipped is not None for one in suite.cases)
        seconds = sum(one.seconds for one in suite.cases)
        lines.append(
            f'  <testsuite name={_attribute(suite.name)} tests="{len(suite.cases)}" failures="{failed}"'
            f' errors="0" skipped="{skipped}" time="{seconds:.3f}">'
        )
        for case in suite.cases:
            lines += _case(case, suite.name)
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _case(case: Case, suite: str) -> Iterable[str]:
    place = f" file={_attribute(case.file)}" if case.file else ""
    place += f' line="{case.line}"' if case.line else ""
    head = f'    <testcase classname={_attribute(suite)} name={_attribute(case.name)}{place} time="{case.seconds:.3f}"'
    inner = [] if case.skipped is None else [f"      <skipped message={_attribute(case.skipped)}/>"]
    if case.failures:  # a case has one of them: all that is wrong stands in it
        short = case.failures[0].split("\n")[0]
        whole = escape(_allowed("\n".join(case.failures)))
        inner.append(f"      <failure message={_attribute(short)}>{whole}</failure>")
    return [f"{head}/>"] if not inner else [f"{head}>", *inner, "    </testcase>"]


def _attribute(text: str) -> str:
    return quoteattr(_allowed(text))


def _allowed(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)
