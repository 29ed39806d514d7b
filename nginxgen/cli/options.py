"""The options that commands share, and what they stand for."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated, TypeGuard

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
NginxOption = Annotated[
    str | None,
    typer.Option(
        "--nginx", metavar="PATH", help="The nginx to run; else NGINXGEN_NGINX, the one found, or the bundled one."
    ),
]
TemplatesOption = Annotated[
    str | None, typer.Option("--templates", metavar="DIR", help="A folder with templates that replace nginxgen's own.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How messages are printed.")]


def is_binary(target: str | None) -> TypeGuard[str]:
    """Whether ``--target`` names a binary and not a version."""
    return target is not None and (os.sep in target or os.path.isfile(target))


def chosen_target(text: str | None) -> Target | str | None:
    """The target that ``--target`` names: a binary is asked, everything else is left to be looked up.

    Raises:
        Unavailable: when it names a binary that is none.
    """
    if text == "":
        raise typer.BadParameter("it is empty; leave it out for any nginx", param_hint="--target")
    if is_binary(text):
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
            f"{folder} is no folder; nginxgen templates DIR makes one to start from", param_hint="--templates"
        )
    if folder is not None:
        from nginxgen.rendering.environment import template_folder

        known = {path.name for path in template_folder().glob("*.j2")}
        found = {name for name in os.listdir(folder) if name.endswith(".j2")}
        if unknown := sorted(found - known):
            raise typer.BadParameter(
                f"{', '.join(unknown)} in {folder} replaces nothing: there are {', '.join(sorted(known))}",
                param_hint="--templates",
            )
        if not found:
            raise typer.BadParameter(f"there is no template in {folder}", param_hint="--templates")
    return folder
