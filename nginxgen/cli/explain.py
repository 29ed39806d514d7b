"""``nginxgen explain``: what a message means, why it matters, how to mend it."""

from __future__ import annotations

from typing import Annotated

import typer

from nginxgen.cli.output import emit

NAME = "explain"


def run(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="A code such as NG012; all of them, when left out.")
    ] = None,
) -> None:
    """Explain a message by its code."""
    from nginxgen.report.codes import explanation, titles

    if code is None:
        emit("".join(f"{one}  {title}\n" for one, title in titles().items()))
        return
    known = code.upper().strip("[]")
    if known not in titles():
        raise typer.BadParameter(f"there is no message {code}; nginxgen explain lists them", param_hint="CODE")
    emit(explanation(known))
