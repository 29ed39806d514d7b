"""``nginxgen templates``: nginxgen's own templates, to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nginxgen.cli.output import emit
from nginxgen.errors import NginxgenError, Unavailable

NAME = "templates"


def run(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to write them; it is made when it is not there.")
    ],
) -> None:
    """Write nginxgen's own templates into a folder. Keep those you change; render --templates DIR uses them."""
    from nginxgen.rendering.environment import template_folder

    own = sorted(template_folder().glob("*.j2"))
    if taken := [one.name for one in own if (folder / one.name).exists()]:
        raise NginxgenError(f"{folder} has {', '.join(taken)} already; nothing was written")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in own:
            (folder / one.name).write_text(one.read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as problem:
        raise Unavailable(f"{folder} cannot be written: {problem.strerror}") from None
    emit("".join(f"{folder / one.name}\n" for one in own))
