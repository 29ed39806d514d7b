"""What comes out of golden cases, the proofs of it, and how a case gets new expectations."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from nginxgen import ConfigError, OutputBug, Rendered, render
from nginxgen.expand import expand
from nginxgen.loading import read_files
from nginxgen.model.cluster import Cluster
from nginxgen.proof import prove
from nginxgen.proof.asking import ask_nginx
from nginxgen.proof.binary import NginxBinary, bundled_path, examine, find_binary
from nginxgen.read import read_cluster
from nginxgen.rendering import header, print_cluster
from nginxgen.report import to_text
from support.case import Case, Section, Wanted, excerpt, read_case

Outcome = Rendered | str
"""A rendering, or what is told instead."""


class NotRewritten(Exception):
    """A case that stays as it is, and why."""


@contextlib.contextmanager
def files_of(case: Case) -> Iterator[list[str]]:
    """The case's files, in the current folder: messages name them as they are given."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="nginxgen-case-") as folder:
        try:
            os.chdir(folder)
            yield case.write_files(Path(folder))
        finally:
            os.chdir(before)


def outcome_of(case: Case, target: str | None) -> Outcome:
    """What comes out of a case, as the command line would tell it."""
    with files_of(case) as names:
        try:
            return render(read_files(names), target)
        except ConfigError as problem:
            return to_text(problem.diagnostics, problem.sources)
        except OutputBug as problem:
            return f"nginxgen's own text fails its proof: {problem}\n"


@cache
def outcomes(path: Path) -> list[tuple[Wanted, Outcome]]:
    """What a case expects, and what comes out of it."""
    case = read_case(path)
    return [(wanted, outcome_of(case, wanted.target)) for wanted in case.wanted]


def cluster_of(case: Case) -> Cluster:
    """What the case's files say, as far as they can be read."""
    with files_of(case) as names:
        try:
            return read_files(names).cluster
        except ConfigError:
            return Cluster()


def found(wanted: Wanted, outcome: Outcome) -> list[Section]:
    """What came out, under the titles of what is expected; what nothing expects stands behind it."""
    if isinstance(outcome, str):
        return [Section("errors", outcome)]
    if wanted.has("errors"):
        return [Section("no errors", outcome.text)]
    titles = [one.title for one in wanted.sections if one.title.partition(" ")[0] == "nginx.conf"]
    texts = [Section(one, excerpt(outcome.text, outcome.tree, one.partition(" @ ")[2])) for one in titles]
    notes = to_text(outcome.diagnostics, outcome.sources)
    return [*texts, Section("notes", notes)] if notes else texts


def title_of(nginx: NginxBinary) -> str:
    """The title under which a case has what a binary says."""
    return f"nginx {nginx.target.lowest}"


def said_by(nginx: NginxBinary, wanted: Wanted, outcome: Rendered) -> str:
    """What a binary says of a rendering: errors and warnings; and notes, where the case tells of what it says."""
    verdict = ask_nginx(outcome, nginx)
    told = [one for one in verdict.diagnostics if one.severity != "note" or wanted.of_nginx]
    assert verdict.accepted or told, f"{nginx} refuses it without a word"
    return to_text(told, outcome.sources)


def check_read_back(rendered: Rendered) -> None:
    """The text, read back, is the explicit cluster, and has the structure that its target takes."""
    tree = prove(rendered.text, rendered.expanded.cluster, rendered.target)
    assert read_cluster(tree) == rendered.expanded.cluster


def check_explicit(rendered: Rendered) -> None:
    """The explicit cluster expands to itself, and prints the same bytes."""
    again = expand(rendered.expanded.cluster, rendered.target)
    assert again.cluster == rendered.expanded.cluster
    names = rendered.sources.names if rendered.sources else []
    assert print_cluster(again.cluster, header(again, rendered.target, names)) == rendered.text


def check_same_bytes(case: Case, wanted: Wanted, first: Rendered) -> None:
    """The files, read and rendered a second time, give the same bytes and the same messages."""
    second = outcome_of(case, wanted.target)
    assert isinstance(second, Rendered)
    assert second.text.encode() == first.text.encode()
    assert to_text(second.diagnostics, second.sources) == to_text(first.diagnostics, first.sources)


def rewrite(path: Path) -> None:
    """Write what comes out into a case, once all proofs of it hold.

    Raises:
        NotRewritten: where CI runs, and when something comes out for which the case has no section.
        AssertionError: when a proof fails.
    """
    if os.environ.get("CI"):
        raise NotRewritten("cases are not rewritten where CI runs")
    case = read_case(path)
    made = []
    for wanted, outcome in outcomes(path):
        if isinstance(outcome, Rendered):
            check_read_back(outcome)
            check_explicit(outcome)
            check_same_bytes(case, wanted, outcome)
        made.append(replace(wanted, sections=_new_sections(wanted, outcome, path.name)))
    path.write_text(replace(case, wanted=tuple(made)).text(), encoding="utf-8", newline="")
    outcomes.cache_clear()


def _new_sections(wanted: Wanted, outcome: Outcome, name: str) -> tuple[Section, ...]:
    """The case's sections with what came out; none is added, so that nothing new goes unseen."""
    new = {one.title: one.body for one in found(wanted, outcome)}
    if isinstance(outcome, Rendered):
        new |= {title_of(one): said for one in _at_hand() if (said := said_by(one, wanted, outcome))}
    for title, body in new.items():
        if not wanted.has(title):
            raise NotRewritten(f"{name} has no section {title!r}; add it, empty, if this is right:\n{body}")
    unasked = {one.title for one in wanted.of_nginx} - {title_of(one) for one in _at_hand()}
    return tuple(one if one.title in unasked else one._replace(body=new.get(one.title, "")) for one in wanted.sections)


@cache
def _at_hand() -> list[NginxBinary]:
    paths = dict.fromkeys([find_binary().path, bundled_path()])
    return [examine(path) for path in paths if path]
