"""The options that commands share, and what they stand for."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated

import typer

from nginxgen.conf.target import Target


class Format(StrEnum):
    """How messages are printed."""

    TEXT = "text"
    JSON = "json"


Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...", help="cluster.toml, or JSON; later files lie over earlier ones; - is standard input."
    ),
]
TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target",
        "-t",
        metavar="NGINX",
        help="The nginx that will read the text: 1.22, 1.31.4, debian-12, any, or a binary's path.",
    ),
]
TemplatesOption = Annotated[
    str | None, typer.Option("--templates", metavar="DIR", help="A folder with templates that replace nginxgen's own.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How messages are printed.")]


def chosen_target(text: str | None) -> Target | str | None:
    """The target that ``--target`` names: a binary is asked, everything else is left to be looked up.

    Raises:
        Unavailable: when it names a binary that is none.
    """
    if text and (os.sep in text or os.path.isfile(text)):
        from nginxgen.proof.binary import examine

        return examine(text).target
    return text


def checked_templates(folder: str | None) -> str | None:
    """The folder that ``--templates`` names.

    Raises:
        typer.BadParameter: when it is none.
    """
    if folder is not None and not os.path.isdir(folder):
        raise typer.BadParameter(
            f"{folder} is no folder; nginxgen templates {folder} makes it", param_hint="--templates"
        )
    return folder
