"""Everything nginxgen raises on purpose, and the exit code each one means.

NginxgenError                 1  the user can mend it
├─ ConfigError                1  the cluster file is wrong: .diagnostics says where
├─ NotApplied               1|4  a running nginx was not brought what was meant: .diagnostics says why
├─ TemplateError              1  templates of the user's own print something else than the cluster says
├─ Unavailable                4  the world: no nginx, no permission, a full disk
└─ OutputBug                  3  our text failed its own proof: .text is kept, please report it
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nginxgen.diagnostic import Diagnostic, path_text

if TYPE_CHECKING:
    from nginxgen.loading.sources import Sources


class NginxgenError(Exception):
    """The root of all; ``exit_code`` is what the command line ends with."""

    exit_code = 1


class ConfigError(NginxgenError):
    """A cluster that is wrong, with every reason; ``sources`` tells where they stand, if it came from files."""

    def __init__(self, diagnostics: Sequence[Diagnostic], sources: Sources | None = None) -> None:
        self.diagnostics = tuple(diagnostics)
        self.sources = sources
        super().__init__("\n".join(map(_line, self.diagnostics)))


class NotApplied(NginxgenError):
    """What was meant for a running nginx did not get there, with every reason; ``exit_code`` tells the kinds apart."""

    def __init__(self, diagnostics: Sequence[Diagnostic], sources: Sources | None = None, exit_code: int = 1) -> None:
        self.diagnostics = tuple(diagnostics)
        self.sources = sources
        self.exit_code = exit_code
        super().__init__("\n".join(map(_line, self.diagnostics)))


class TemplateError(NginxgenError):
    """Templates of the user's own that fail, or print something else than the cluster says."""


class Unavailable(NginxgenError):
    """Something outside the files is missing."""

    exit_code = 4


class OutputBug(NginxgenError):
    """Our own text failed the proof; ``text`` is what would have been printed."""

    exit_code = 3

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


def _line(one: Diagnostic) -> str:
    place = f"{path_text(one.where)}: " if isinstance(one.where, tuple) and not hasattr(one.where, "file") else ""
    return f"{one.severity}[{one.code}]: {place}{one.message}" + (f" ({one.help})" if one.help else "")
