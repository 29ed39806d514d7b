"""``nginxgen restart``: new workers in the place of old ones, one after the other."""

from __future__ import annotations

from typing import Annotated

import typer

from nginxgen.cli.running import DEFAULT, FileArgument, RunOption, done

NAME = "restart"


def run(
    file: FileArgument = DEFAULT,
    group: Annotated[
        str | None, typer.Option("--group", metavar="NAME", help="Only the workers of this group.")
    ] = None,
    folder: RunOption = None,
) -> None:
    """Have the running nginxgen up restart its workers one by one, each once the one before is ready."""
    done(file, folder, NAME, "restarting", "restarted", group=group)
