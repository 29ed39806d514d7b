"""``nginxgen test``: the tests of a cluster on a real nginx, with stand-ins for the backends."""

from __future__ import annotations

import json
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nginxgen.cli.options import Files, NginxOption, TargetOption, chosen_target, is_binary
from nginxgen.cli.output import Progress, emit, report, use_format
from nginxgen.diagnostic import Severity, error, has_errors
from nginxgen.errors import ConfigError

if TYPE_CHECKING:
    from nginxgen.loading.sources import Sources
    from nginxgen.rehearsal.rehearse import Rehearsal, Result

NAME = "test"


class TestFormat(StrEnum):
    """How what came of the tests is printed."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


def run(
    files: Files,
    target: TargetOption = None,
    nginx: NginxOption = None,
    name: Annotated[
        str | None, typer.Option("-k", metavar="TEXT", help="Run only tests in whose name or request this stands.")
    ] = None,
    format: Annotated[TestFormat, typer.Option("--format", help="How what came of them is printed.")] = TestFormat.TEXT,
) -> None:
    """Run the tests of cluster files on a real nginx, without root, certificates, DNS, backends or free ports."""
    use_format("json" if format is TestFormat.JSON else "text")
    try:
        _run(files, target, nginx, name, format)
    except ConfigError as problem:
        if format is not TestFormat.JUNIT:
            raise
        from nginxgen.report.formats import to_junit

        emit(to_junit(problem.diagnostics, problem.sources, ", ".join(files)))
        raise typer.Exit(problem.exit_code) from None


def _run(files: list[str], target: str | None, nginx: str | None, name: str | None, format: TestFormat) -> None:
    from nginxgen.loading import read_files
    from nginxgen.proof.asking import ask_nginx
    from nginxgen.proof.binary import find_binary
    from nginxgen.proven import render
    from nginxgen.rehearsal.rehearse import rehearse

    began = time.monotonic()
    with Progress() as progress:
        loaded = read_files(files)
        rendered = render(loaded, chosen_target(target), progress=progress)
        tests = loaded.cluster.test
        if not tests:
            help = "write [[test]] with a request and a status, or name the file with the tests too"
            raise ConfigError([error("NG075", f"there are no tests in {', '.join(files)}", help=help)])
        if name is not None and not any(name in one.title for one in tests):
            raise typer.BadParameter(f"{name} stands in the name of no test", param_hint="-k")
        progress("looking for nginx")
        binary = find_binary(nginx or (target if is_binary(target) else None))
        progress(f"asking nginx {binary.target.lowest}")
        accepted = ask_nginx(rendered, binary)
        if has_errors(accepted.diagnostics):
            raise ConfigError(accepted.diagnostics, rendered.sources)
        progress("running the tests")
        rehearsal = rehearse(tests, rendered, accepted, name)
    notes = [one for one in accepted.diagnostics if one.severity is Severity.NOTE]
    report([*rehearsal.diagnostics, *notes], rendered.sources)
    match format:
        case TestFormat.TEXT:
            emit(f"{rehearsal.counts} in {time.monotonic() - began:.1f} s ({binary}, {rehearsal.network})\n")
        case TestFormat.JSON:
            emit(json.dumps(_as_json(rehearsal, rendered.sources), indent=2, ensure_ascii=False) + "\n")
        case TestFormat.JUNIT:
            emit(_as_junit(rehearsal, rendered.sources, ", ".join(files)))
    raise typer.Exit(1 if rehearsal.failed else 0)


def _as_json(rehearsal: Rehearsal, sources: Sources | None) -> dict[str, Any]:
    """What came of the tests, for programs."""
    return {
        "network": rehearsal.network,
        **rehearsal.counted,
        "tests": [_object(one, sources) for one in rehearsal.results],
    }


def _object(result: Result, sources: Sources | None) -> dict[str, Any]:
    file, line = _place(result, sources)
    return {
        "name": result.title,
        "file": file,
        "line": line,
        "outcome": result.outcome,
        "reason": result.skipped,
        "failures": [one.message for one in result.failures],
        "seconds": round(result.seconds, 4),
    }


def _as_junit(rehearsal: Rehearsal, sources: Sources | None, name: str) -> str:
    from nginxgen.report import to_text
    from nginxgen.report.junit import Case, Suite, to_junit

    cases = [
        Case(
            one.title,
            one.seconds,
            tuple(to_text([found], sources) for found in one.failures),
            one.skipped,
            *_place(one, sources),
        )
        for one in rehearsal.results
    ]
    return to_junit([Suite(name, tuple(cases))])


def _place(result: Result, sources: Sources | None) -> tuple[str | None, int | None]:
    """The file and line where a test stands."""
    spot = sources.spot(("test", result.at, "request")) if sources else None
    return (spot.file.name, spot.file.position(spot.span.start)[0]) if spot else (None, None)
