"""``nginxgen scale``: more workers, or fewer, until somebody says otherwise, or the file says another count."""

from __future__ import annotations

from typing import Annotated

import typer

from nginxgen.cli.running import DEFAULT, FileArgument, RunOption, done

NAME = "scale"


def run(
    group: Annotated[str, typer.Argument(metavar="GROUP", help="The upstream whose workers are meant.")],
    count: Annotated[int, typer.Argument(metavar="N", min=1, help="How many there shall be.")],
    file: FileArgument = DEFAULT,
    folder: RunOption = None,
) -> None:
    """Have the running nginxgen up run another number of a group's workers."""
    workers = f"{count} worker{'' if count == 1 else 's'}"
    done(file, folder, NAME, "scaling", f"{group} has {workers}", group=group, count=count)
