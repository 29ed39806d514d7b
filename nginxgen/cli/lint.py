"""``nginxgen lint``: the rules, over cluster files and over any configuration of nginx."""

from __future__ import annotations

from typing import Annotated

import typer

from nginxgen.cli.options import Format, FormatOption, TargetOption, chosen_target
from nginxgen.cli.output import report, use_format

NAME = "lint"


def run(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="cluster.toml, nginx.conf, a folder, what nginx -T printed, or -."),
    ],
    target: TargetOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Look for what is legal and yet wrong, unsafe or slow."""
    use_format(format)
    from nginxgen.conf.target import ANY, Target
    from nginxgen.foreign import read_configuration
    from nginxgen.lint.engine import lint
    from nginxgen.lint.rule import Subject

    wanted = chosen_target(target)
    meant = wanted if isinstance(wanted, Target) else ANY if wanted is None else Target.parse(wanted)
    found = lint(Subject(read_configuration(files), meant))
    report(found)
    raise typer.Exit(1 if found else 0)
