"""``nginxgen logs``: what nginx and the workers have printed."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from nginxgen.cli.output import emit
from nginxgen.cli.running import DEFAULT, FileArgument, RunOption, asked

NAME = "logs"
_EACH = 0.5
_MOST = 10_000


def run(
    file: FileArgument = DEFAULT,
    lines: Annotated[int, typer.Option("--lines", "-n", metavar="N", min=0, help="How many of the last lines.")] = 100,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what comes, until nginxgen up ends.")
    ] = False,
    folder: RunOption = None,
) -> None:
    """Print the last lines that the running nginxgen up has seen."""
    found = asked(file, folder, NAME, lines=lines)["lines"]
    emit("".join(map(_text, found)))
    last = found[-1]["number"] if found else 0
    if follow and not found:
        last = max((one["number"] for one in asked(file, folder, NAME, lines=1)["lines"]), default=0)
    while follow:
        time.sleep(_EACH)
        came = asked(file, folder, NAME, lines=_MOST, after=last)["lines"]
        new = [one for one in came if one["number"] > last]
        if new:
            missed = new[0]["number"] - last - 1
            emit((f"… {missed} lines were missed\n" if missed else "") + "".join(map(_text, new)))
            last = new[-1]["number"]


def _text(one: dict[str, Any]) -> str:
    return "".join(f"{one['time']} {one['source']} | {part}\n" for part in one["message"].split("\n"))
