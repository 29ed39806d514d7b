"""``nginxgen render``: the proven text."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from nginxgen.cli.options import (
    Files,
    Format,
    FormatOption,
    TargetOption,
    TemplatesOption,
    checked_templates,
    chosen_target,
)
from nginxgen.cli.output import Progress, emit, remark, report, use_format

NAME = "render"


def run(
    files: Files,
    target: TargetOption = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="Write there, whole or not at all; the previous is kept as PATH~."
        ),
    ] = None,
    templates: TemplatesOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Print the nginx.conf that cluster files describe, once it is proven."""
    use_format(format)
    from nginxgen.loading import read_files
    from nginxgen.proven import render

    folder = checked_templates(templates)
    if output is not None and any(os.path.realpath(output) == os.path.realpath(one) for one in files if one != "-"):
        raise typer.BadParameter(f"{output} is read; it would be overwritten", param_hint="--output")
    with Progress() as progress:
        rendered = render(read_files(files), chosen_target(target), templates=folder, progress=progress)
    if output is None:
        report(rendered.diagnostics, rendered.sources)
        emit(rendered.text)
        return
    from nginxgen.atomic import write_file

    done = "wrote {}" if write_file(output, rendered.text) else "{} is up to date"
    report(rendered.diagnostics, rendered.sources)
    remark(done.format(output))
