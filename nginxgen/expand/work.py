"""What the steps of an expansion share: for which nginx, how much is filled in, and what came from where."""

from __future__ import annotations

from dataclasses import dataclass, field

from nginxgen.conf.target import Target
from nginxgen.diagnostic import Diagnostic, note
from nginxgen.model.cluster import Cluster
from nginxgen.source import Path


@dataclass
class Work:
    """One expansion under way."""

    cluster: Cluster
    target: Target
    recommended: bool
    """Whether the recommended settings are filled in; not with ``defaults = "nginx"``."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    origins: dict[Path, Path] = field(default_factory=dict)
    """From paths in the explicit cluster to those of the cluster that asked for what stands there."""
    variables: dict[str, Path] = field(default_factory=dict)
    """nginxgen's own variables that are needed, and the path that needs each."""

    def note(self, code: str, message: str, where: Path, help: str | None = None) -> None:
        """Tell something about what was rendered."""
        self.diagnostics.append(note(code, message, where, help))

    def needs(self, variable: str, where: Path) -> str:
        """One of nginxgen's own variables, with "$"; `expand.variables` defines it."""
        self.variables.setdefault(variable, where)
        return f"${variable}"
