"""What the commands share that talk to a running ``nginxgen up``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from nginxgen.cli.output import Progress, remark
from nginxgen.errors import NginxgenError

DEFAULT = Path("cluster.toml")
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The cluster file that nginxgen up was given.")]
RunOption = Annotated[
    str | None, typer.Option("--run", metavar="DIR", help="The run folder of nginxgen up, when it was given one.")
]
SHORT = 10.0
LONG = 3600.0
"""How many seconds an answer may take: to a question, and to a command that waits for workers."""


def control_socket(file: Path, run: str | None) -> Path:
    """Where the ``up`` of a file listens."""
    from nginxgen.supervise.folder import run_folder

    return run_folder(file, run) / "control.sock"


def asked(file: Path, run: str | None, command: str, timeout: float = SHORT, **parameters: Any) -> dict[str, Any]:
    """The answer of the ``up`` of a file.

    Raises:
        NginxgenError: when it refuses.
        Unavailable: when there is none.
    """
    from nginxgen.supervise.control import ask

    return agreed(ask(control_socket(file, run), command, timeout, of=run or str(file), **parameters))


def agreed(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer that is no refusal.

    Raises:
        NginxgenError: when it is one.
    """
    if not answer["ok"]:
        raise NginxgenError(str(answer.get("error", "nginxgen up refuses, and does not say why")))
    return answer


def done(file: Path, run: str | None, command: str, doing: str, otherwise: str, **parameters: Any) -> None:
    """Have something done that takes its time, and say what the ``up`` says of it, or else something."""
    with Progress() as progress:
        progress(doing)
        answer = asked(file, run, command, LONG, **parameters)
    remark(str(answer.get("message") or otherwise))
