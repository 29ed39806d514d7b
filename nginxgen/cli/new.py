"""``nginxgen new``: a new deployment, from a preset to files that run and are checked."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from nginxgen.cli.output import ask, ask_for, emit, remark
from nginxgen.errors import NginxgenError

if TYPE_CHECKING:
    from nginxgen.scaffold.wishes import Wishes

NAME = "new"
_Word = TypeVar("_Word", bound=StrEnum)


def run(
    preset: Annotated[
        str | None, typer.Argument(metavar="PRESET", help="What to begin with; without it, the presets are listed.")
    ] = None,
    folder: Annotated[
        str | None, typer.Argument(metavar="DIR", help="Where to write; it is made when it is not there.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The name of units, services and images; that of DIR unless said.")
    ] = None,
    server_name: Annotated[
        str | None, typer.Option("--server-name", metavar="HOST", help="The host that is served, or the domain.")
    ] = None,
    port: Annotated[int, typer.Option("--port", help="Where nginx listens.")] = 8080,
    target: Annotated[
        str | None,
        typer.Option("--target", "-t", metavar="NGINX", help="The nginx of the host: 1.22, debian-12, any."),
    ] = None,
    ci: Annotated[
        str, typer.Option("--ci", metavar="LIST", help="What checks it: github, gitlab, pre-commit, or none.")
    ] = "github,gitlab,pre-commit",
    run: Annotated[
        str, typer.Option("--run", metavar="LIST", help="What starts it: systemd, compose, kubernetes, or none.")
    ] = "systemd,compose,kubernetes",
    force: Annotated[
        bool, typer.Option("--force", help="Also over files that are there; they are kept as NAME~.")
    ] = False,
) -> None:
    """Write a new deployment: cluster.toml and nginx.conf, an application that answers, CI, and what starts it."""
    from nginxgen.scaffold.deployment import deployment_files
    from nginxgen.scaffold.presets import PRESETS, find_preset, summary
    from nginxgen.scaffold.writing import taken, write_all

    if preset is None:
        width = max(map(len, PRESETS))
        emit("".join(f"{one:<{width}}  {summary(one)}\n" for one in PRESETS))
        return
    if (known := find_preset(preset)) is None:
        raise typer.BadParameter(f"there is no {preset}; there are {', '.join(PRESETS)}", param_hint="PRESET")
    place = Path(_place(folder, known))
    files = deployment_files(known, _wishes(place, name, server_name, port, target, ci, run))
    if (there := taken(place, files)) and not force:
        message = f"{place} has {', '.join(there)} already"
        if not (sys.stdin.isatty() and ask(f"{message}. Replace, and keep as NAME~?")):
            raise NginxgenError(f"{message}; nothing was written (--force replaces them, and keeps them as NAME~)")
    write_all(place, files)
    emit("".join(f"{place / one}\n" for one in sorted(files)))
    remark(f"{place / 'README.md'} says how to go on; nginxgen up {place / 'cluster.toml'} starts it")


def _place(folder: str | None, preset: str) -> str:
    if folder is not None:
        return folder
    if not sys.stdin.isatty():
        raise typer.BadParameter("say where to write", param_hint="DIR")
    return ask_for("Where to write it", preset)


def _wishes(
    place: Path, name: str | None, host: str | None, port: int, target: str | None, ci: str, run: str
) -> Wishes:
    """What is wished for.

    Raises:
        typer.BadParameter: when it cannot be.
    """
    from nginxgen.scaffold.wishes import Checker, NotTaken, Runner, Wishes

    named = place.resolve().name.lower() if name is None else name
    try:
        return Wishes.checked(named, host, port, target, _words("ci", ci, Checker), _words("run", run, Runner))
    except NotTaken as problem:
        hint = "; say another with --name" if problem.wish == "name" and name is None else ""
        raise typer.BadParameter(f"{problem}{hint}", param_hint=f"--{problem.wish}") from None


def _words(option: str, text: str, known: type[_Word]) -> frozenset[_Word]:
    """The words of a list with commas; none of them when it says none."""
    words = re.split(r"\s*,\s*", text.strip())
    if words == ["none"]:
        return frozenset()
    if unknown := [one for one in words if one not in set(known)]:
        raise typer.BadParameter(
            f"{unknown[0]!r} is none of {', '.join(known)}; none is nothing of it", param_hint=f"--{option}"
        )
    return frozenset(map(known, words))
