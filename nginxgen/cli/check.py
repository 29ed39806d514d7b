"""``nginxgen check``: everything that can be known without traffic."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from nginxgen.cli.options import (
    Files,
    Format,
    FormatOption,
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

NAME = "check"


def run(
    files: Files,
    target: TargetOption = None,
    nginx: Annotated[
        str | None,
        typer.Option(
            "--nginx", metavar="PATH", help="The binary to ask; else NGINXGEN_NGINX, the one found, or the bundled one."
        ),
    ] = None,
    templates: TemplatesOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Check cluster files: input, proof, lint, and a real nginx, without root, certificates, DNS or free ports."""
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
    linted, _ = shown(linted, settings)
    # What rules have to note is for nginxgen lint.
    told = [one for one in linted if one.severity is not Severity.NOTE or one.code not in RULES]
    found = (*told, *tested.diagnostics)
    is_fine = all(one.severity is Severity.NOTE for one in found)
    report(found, rendered.sources)
    emit(_verdict_json(rendered, tested, is_fine) if format is Format.JSON else _verdict(rendered, tested, is_fine))
    raise typer.Exit(0 if is_fine else 1)


def _verdict(rendered: Rendered, tested: Verdict, is_fine: bool) -> str:
    names = ", ".join(rendered.sources.names) if rendered.sources else "the cluster"
    if not is_fine:
        return f"{names}: not fine\n"
    lines = [f"{names}: fine for {rendered.target.name}, accepted by {tested.binary}"]
    if tested.not_shown:
        count = len(tested.not_shown)
        lines[0] += f", which could not be asked about {count} thing{'' if count == 1 else 's'}"
    return "\n".join(lines) + "\n"


def _verdict_json(rendered: Rendered, tested: Verdict, is_fine: bool) -> str:
    verdict = {
        "fine": is_fine,
        "target": rendered.target.name,
        "nginx": {"version": str(tested.binary.target.lowest), "path": tested.binary.path, "accepted": tested.accepted},
        "not_shown": list(tested.not_shown),
    }
    return json.dumps(verdict, indent=2, ensure_ascii=False) + "\n"
