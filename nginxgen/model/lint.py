"""What ``nginxgen lint`` looks for in a file."""

from typing import Literal

from nginxgen.model.block import Block, intent
from nginxgen.model.values import File, Filled


class Lint(Block):
    """Which rules count, and which findings are shown."""

    select: tuple[Filled, ...] = intent("The rules that count: codes, beginnings of codes such as NG2, or names.")
    ignore: tuple[Filled, ...] = intent("Rules that do not count.")
    severity: Literal["note", "warning", "error"] | None = intent("The least that is shown; note unless said.")
    baseline: File | None = intent("A file with findings that are known and not shown.")
