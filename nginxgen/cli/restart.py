"""``nginxgen restart``: new workers in the place of old ones, one after the other."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from nginxgen.cli.running import DEFAULT, FileArgument, RunOption, done

NAME = "restart"


def run(
    group: Annotated[
        str | None, typer.Argument(metavar="GROUP", help="Only the workers of this upstream.", show_default=False)
    ] = None,
    file: FileArgument = DEFAULT,
    folder: RunOption = None,
) -> None:
    """Have the running nginxgen up restart its workers one by one, each once the one before is ready."""
    if group is not None and (group.endswith((".toml", ".json")) or os.sep in group):
        file, group = Path(group), None  # all workers of that file
    done(file, folder, NAME, "restarting", "restarted", group=group)
