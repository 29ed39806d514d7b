"""``nginxgen lint``: the rules, over cluster files and over any configuration of nginx."""

from __future__ import annotations

import contextlib
import difflib
import os
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from nginxgen.cli.options import TargetOption, chosen_target
from nginxgen.cli.output import emit, paints, remark, use_format
from nginxgen.diagnostic import Diagnostic, Severity
from nginxgen.report import summary, to_json, to_text, writable

if TYPE_CHECKING:
    from nginxgen.conf.target import Target
    from nginxgen.lint.rule import Rule
    from nginxgen.loading import Loaded
    from nginxgen.loading.sources import Sources

NAME = "lint"
_OF_CLUSTERS = (".toml", ".json")


class LintFormat(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"


class Chosen(StrEnum):
    """A severity, as a word."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


def run(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="cluster.toml, nginx.conf, a folder, what nginx -T printed, or - for that."
        ),
    ],
    target: TargetOption = None,
    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="RULE", help="Only these: NG201, NG2, a name; also a,b.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="RULE", help="Not these.")] = None,
    severity: Annotated[Chosen | None, typer.Option("--severity", help="The least that is shown.")] = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="End with 0 whatever is found.")] = False,
    baseline: Annotated[
        str | None, typer.Option("--baseline", metavar="PATH", help="Findings in it are known, and not shown.")
    ] = None,
    write_baseline: Annotated[
        str | None, typer.Option("--write-baseline", metavar="PATH", help="Write what is found into it.")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended with certainty.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")] = False,
    gixy: Annotated[bool, typer.Option("--gixy/--no-gixy", help="Ask Gixy-Next too, where it is installed.")] = True,
    format: Annotated[LintFormat, typer.Option("--format", help="How findings are printed.")] = LintFormat.TEXT,
) -> None:
    """Look for what is legal and yet wrong, unsafe or slow, in cluster files and in any configuration of nginx."""
    use_format("json" if format is LintFormat.JSON else "text")
    from nginxgen.lint.baseline import baseline_text
    from nginxgen.lint.settings import settings_of, shown, with_words
    from nginxgen.loading import read_files

    clusters = [name for name in files if name.endswith(_OF_CLUSTERS)]
    others = [name for name in files if name not in clusters]
    least = Severity(severity) if severity else None
    with _told_as_findings(format):
        loaded = read_files(clusters) if clusters else None
        words = with_words(settings_of(loaded), _split(select), _split(ignore), least, baseline)
        rules = words.selection.rules()
        meant = _target(target)
        if fix or diff:
            _mend(clusters, others, rules, meant, diff)
        found, sources = _of_cluster(loaded, target, rules)
    found += _of_configuration(others, meant, rules, gixy and not words.selection.select)
    if write_baseline:
        from nginxgen.atomic import write_file

        _refuse_to_replace(write_baseline)
        write_file(write_baseline, baseline_text(found))
        remark(f"wrote {write_baseline}: {len(found)} known finding{'' if len(found) == 1 else 's'}")
        raise typer.Exit(0)
    found, gone = shown(found, words)
    if gone:
        remark(f"{gone} of the findings in {words.baseline} are there no more; write it again")
    emit(_text(found, sources, format))
    remark(f"\n{summary(found)}" if found else "nothing found")
    fails = any(one.severity is not Severity.NOTE for one in found)
    raise typer.Exit(1 if fails and not exit_zero else 0)


@contextlib.contextmanager
def _told_as_findings(format: LintFormat) -> Iterator[None]:
    """Whoever reads findings as data reads there too what is wrong with the cluster's file itself."""
    from nginxgen.errors import ConfigError

    try:
        yield
    except ConfigError as problem:
        if format is LintFormat.TEXT:
            raise
        emit(_text(list(problem.diagnostics), problem.sources, format))
        remark(f"\n{summary(problem.diagnostics)}")
        raise typer.Exit(problem.exit_code) from None


def _refuse_to_replace(path: str) -> None:
    """A baseline takes the place of a baseline only: another file there is most often a slip."""
    if os.path.lexists(path):
        from nginxgen.errors import NginxgenError
        from nginxgen.lint.baseline import is_baseline

        if not is_baseline(path):
            raise NginxgenError(f"{path} is no baseline, and would be overwritten; name another file")


def _split(words: list[str] | None) -> list[str]:
    from nginxgen.lint.selection import unknown

    every = [word.strip() for one in words or () for word in one.split(",") if word.strip()]
    for word, help in unknown(every):
        raise typer.BadParameter(f"{word!r} stands for no rule; {help}", param_hint="--select, --ignore")
    return every


def _target(text: str | None) -> Target:
    from nginxgen.conf.target import ANY, Target

    wanted = chosen_target(text)
    if isinstance(wanted, Target):
        return wanted
    try:
        return ANY if wanted is None else Target.parse(wanted)
    except ValueError as problem:
        raise typer.BadParameter(str(problem), param_hint="--target") from None


def _of_cluster(
    loaded: Loaded | None, target: str | None, rules: list[Rule]
) -> tuple[list[Diagnostic], Sources | None]:
    from nginxgen.lint.engine import lint_rendered
    from nginxgen.proven import render

    if loaded is None:
        return [], None
    rendered = render(loaded, chosen_target(target))
    return lint_rendered(rendered, rules), rendered.sources


def _of_configuration(names: list[str], target: Target, rules: list[Rule], gixy: bool) -> list[Diagnostic]:
    from nginxgen.errors import NginxgenError
    from nginxgen.foreign import read_configuration
    from nginxgen.lint.engine import every_finding, lint
    from nginxgen.lint.gixy import gixy_findings, is_installed
    from nginxgen.lint.rule import Subject

    if not names:
        return []
    configuration = read_configuration(names)
    if not configuration.names and not configuration.problems:
        raise NginxgenError(f"nothing of nginx stands in {', '.join(names)}; nginx -T prints nothing without rights")
    if missing := dict.fromkeys(one.args[0] for one in configuration.missing()):
        remark(f"included, but not found and not looked at: {', '.join(missing)}")
    subject = Subject(configuration, target)
    found = lint(subject, rules)
    return [*found, *(gixy_findings(configuration, every_finding(subject)) if gixy and is_installed() else ())]


def _text(found: list[Diagnostic], sources: Sources | None, format: LintFormat) -> str:
    from nginxgen.report.formats import to_github, to_gitlab, to_junit, to_sarif

    match format:
        case LintFormat.JSON:
            return to_json(found, sources) + "\n"
        case LintFormat.SARIF:
            return to_sarif(found, sources)
        case LintFormat.GITHUB:
            return to_github(found, sources)
        case LintFormat.GITLAB:
            return to_gitlab(found, sources)
        case LintFormat.JUNIT:
            return to_junit(found, sources)
        case LintFormat.TEXT:
            return to_text(found, sources, paints())


def _mend(clusters: list[str], names: list[str], rules: list[Rule], target: Target, diff: bool) -> None:
    """Put in what can be mended; with ``diff`` show it instead, and end."""
    from nginxgen.atomic import write_file
    from nginxgen.lint.mending import mend

    if clusters:
        raise typer.BadParameter(f"{clusters[0]} is mended by hand; only texts of nginx are mended", param_hint="--fix")
    mended = mend(names, rules, target)
    if diff:
        for name, text in mended.after.items():
            before, after = (one.splitlines(keepends=True) for one in (mended.before[name], text))
            emit(writable("".join(difflib.unified_diff(before, after, name, f"{name} (mended)"))))
        if not mended.after:
            remark("nothing can be mended with certainty")
        raise typer.Exit(1 if mended.after else 0)
    for name, text in mended.after.items():
        write_file(name, text.encode("utf-8", "surrogateescape"))
    if mended.after:
        remark(f"mended {mended.gone} in {', '.join(mended.after)}; what was there before is beside it, with a ~")
