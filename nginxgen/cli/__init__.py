"""The command line: one file for each command, and the one place where errors become exit codes.

Exit codes: 0 fine, 1 findings or wrong input, 2 usage, 3 our bug, 4 the environment, 130 and 143 signals.
"""

from __future__ import annotations

import os
from typing import Annotated

import typer

from nginxgen._version import VERSION
from nginxgen.cli import (
    apply,
    check,
    diff,
    explain,
    lint,
    logs,
    new,
    reload,
    render,
    restart,
    scale,
    schema,
    status,
    stop,
    templates,
    test,
    up,
)
from nginxgen.cli.guard import run_guarded
from nginxgen.cli.plain import read_plain

app = typer.Typer(
    name="nginxgen",
    help="From cluster.toml to a proven, complete nginx.conf.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
ON_FILES = (new, render, check, lint, test, diff, templates, schema, explain)
ON_WHAT_RUNS = (up, apply, status, logs, reload, restart, scale, stop)
for command in (*ON_FILES, *ON_WHAT_RUNS):
    app.command(name=command.NAME)(command.run)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nginxgen {VERSION}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """From cluster.toml to a proven, complete nginx.conf."""


def run(words: list[str]) -> int:
    """Run a command line, without the program's name; the exit code."""
    is_plain = "_NGINXGEN_COMPLETE" not in os.environ and words[:1] in ([render.NAME], [check.NAME])
    if is_plain:
        command = render.run if words[0] == render.NAME else check.run
        if (arguments := read_plain(command, words[1:])) is not None:
            return run_guarded(lambda: command(**arguments))
    return run_guarded(lambda: app(words, standalone_mode=False))
