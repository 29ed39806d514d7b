"""``nginxgen check``: everything that can be known without traffic."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from nginxgen.cli.options import (
    Files,
    Format,
    FormatOption,
    NginxOption,
    TargetOption,
    TemplatesOption,
    checked_templates,
    chosen_target,
    is_binary,
)
from nginxgen.cli.output import Progress, emit, report, use_format
from nginxgen.diagnostic import Severity

if TYPE_CHECKING:
    from nginxgen.proof.asking import Verdict
    from nginxgen.proven import Rendered
    from nginxgen.rehearsal.rehearse import Rehearsal

NAME = "check"


def run(
    files: Files,
    target: TargetOption = None,
    nginx: NginxOption = None,
    templates: TemplatesOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Check cluster files: input, proof, lint, a real nginx and the tests; without root, certificates, DNS or ports."""
    use_format(format)
    from nginxgen.lint.engine import lint_rendered
    from nginxgen.lint.rules import RULES
    from nginxgen.lint.settings import settings_of, shown
    from nginxgen.loading import read_files
    from nginxgen.proof.asking import ask_nginx
    from nginxgen.proof.binary import find_binary
    from nginxgen.proven import render

    folder = checked_templates(templates)
    with Progress() as progress:
        loaded = read_files(files)
        settings = settings_of(loaded)
        rendered = render(loaded, chosen_target(target), templates=folder, progress=progress)
        progress("linting")
        linted = lint_rendered(rendered, settings.selection.rules())
        binary = find_binary(nginx or (target if is_binary(target) else None))
        progress(f"asking nginx {binary.target.lowest}")
        tested = ask_nginx(rendered, binary)
        rehearsal = None
        if loaded.cluster.test and tested.accepted:
            from nginxgen.rehearsal.rehearse import rehearse

            progress("running the tests")
            rehearsal = rehearse(loaded.cluster.test, rendered, tested)
    linted, _ = shown(linted, settings)
    # What rules have to note is for nginxgen lint.
    told = [one for one in linted if one.severity is not Severity.NOTE or one.code not in RULES]
    found = (*told, *tested.diagnostics, *(rehearsal.diagnostics if rehearsal else ()))
    is_fine = all(one.severity is Severity.NOTE for one in found)
    report(found, rendered.sources)
    verdict = _verdict_json if format is Format.JSON else _verdict
    emit(verdict(rendered, tested, rehearsal, is_fine))
    raise typer.Exit(0 if is_fine else 1)


def _verdict(rendered: Rendered, tested: Verdict, rehearsal: Rehearsal | None, is_fine: bool) -> str:
    names = ", ".join(rendered.sources.names) if rendered.sources else "the cluster"
    told = f"tests: {rehearsal.counts}" if rehearsal else ""
    if not is_fine:
        return f"{names}: not fine{told and f'; {told}'}\n"
    lines = [f"{names}: fine for {rendered.target.name}, accepted by {tested.binary}"]
    if tested.not_shown:
        count = len(tested.not_shown)
        lines[0] += f", which could not be asked about {count} thing{'' if count == 1 else 's'}"
    lines[0] += told and f"; {told}"
    return "\n".join(lines) + "\n"


def _verdict_json(rendered: Rendered, tested: Verdict, rehearsal: Rehearsal | None, is_fine: bool) -> str:
    verdict = {
        "fine": is_fine,
        "target": rendered.target.name,
        "nginx": {"version": str(tested.binary.target.lowest), "path": tested.binary.path, "accepted": tested.accepted},
        "not_shown": list(tested.not_shown),
        **({"tests": rehearsal.counted} if rehearsal else {}),
    }
    return json.dumps(verdict, indent=2, ensure_ascii=False) + "\n"
