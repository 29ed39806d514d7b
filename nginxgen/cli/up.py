"""``nginxgen up``: workers and nginx together, in front of you."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nginxgen.cli.options import Files, NginxOption

NAME = "up"


class LogFormat(StrEnum):
    """How what happens is printed."""

    TEXT = "text"
    JSON = "json"


def run(
    files: Files,
    nginx: NginxOption = None,
    port_offset: Annotated[
        int, typer.Option("--port-offset", min=0, max=65000, help="Listen on every port plus this number.")
    ] = 0,
    run_dir: Annotated[
        str | None, typer.Option("--run", metavar="DIR", help="The private folder of sockets; else a temporary one.")
    ] = None,
    access_log: Annotated[
        bool, typer.Option("--access-log/--no-access-log", help="Whether each request is told, up to 20 a second.")
    ] = True,
    log_format: Annotated[
        LogFormat, typer.Option("--log-format", help="How what happens is printed.")
    ] = LogFormat.TEXT,
) -> None:
    """Start the workers and nginx in front of them, keep both alive, and follow every change of the files."""
    from nginxgen.cli.output import use_format
    from nginxgen.proof.binary import find_binary
    from nginxgen.supervise.folder import run_folder
    from nginxgen.supervise.output import Console
    from nginxgen.supervise.up import Options, run_up

    use_format("lines" if log_format is LogFormat.JSON else "text")
    if "-" in files:
        raise typer.BadParameter("up follows files; standard input is none", param_hint="FILE...")
    options = Options(files, find_binary(nginx), run_folder(Path(files[0]), run_dir), port_offset, access_log)
    console = Console(sys.stderr, log_format.value)
    try:
        code = run_up(options, console)
    finally:
        console.close()
    raise typer.Exit(code)
