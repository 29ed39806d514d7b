"""Anything that can be compared, by what people call it: cluster files, configurations of nginx, a running ``up``."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from nginxgen.change.differences import Side
    from nginxgen.change.places import Locate
    from nginxgen.conf.target import Target
    from nginxgen.diagnostic import Diagnostic
    from nginxgen.errors import ConfigError
    from nginxgen.foreign import Configuration
    from nginxgen.proven import Rendered

RUNNING = "up:"
_CLUSTER = re.compile(rb"\s*(?:#[^\n]*\s*)*(?:\[|\{|[\w.\"'-]+[ \t]*=)")


class Compared:
    """One side of a comparison: what it says, for which nginx, and what to call its places.

    Args:
        name: as people gave it: a file or folder, several cluster files with commas between them, ``-`` for standard
            input, or ``up:FILE`` for the running ``nginxgen up`` of a file.
        target: the nginx that it is for; a cluster's own when None.
    """

    def __init__(self, name: str, target: Target | None) -> None:
        self.name = "standard input" if name == "-" else name
        self._rendered: Rendered | None = None
        self.side = self._read(name, target)

    @property
    def target(self) -> Target:
        """The nginx that it is for."""
        return self.side.target

    @property
    def text(self) -> str | None:
        """What a cluster was rendered to; None for what is nginx's own text."""
        return self._rendered.text if self._rendered else None

    @property
    def locate(self) -> Locate:
        """What finds a place as people know it."""
        from nginxgen.change.places import as_they_stand, in_cluster_files

        return in_cluster_files(self._rendered) if self._rendered else as_they_stand

    def _read(self, name: str, target: Target | None) -> Side:
        from nginxgen.change.differences import Side, side_of
        from nginxgen.change.parts import levels_of, parts_of
        from nginxgen.change.workers import with_workers_named
        from nginxgen.conf.target import ANY

        if name.startswith(RUNNING):
            return _running(name, target)
        files = cluster_files(name)
        if files is None:
            return Side(parts_of(levels_of(_read_configuration(name))), target or ANY)
        from nginxgen.loading import read_files
        from nginxgen.proven import render

        rendered = self._rendered = render(with_workers_named(read_files(files)), target)
        return side_of(rendered.tree, rendered.target, "nginx.conf")


def read_sides(before: str, after: str, targets: Sequence[Target]) -> tuple[Compared, Compared]:
    """Two sides, what is wrong with both of them told at once.

    Args:
        before: what is compared, by its name.
        after: with what.
        targets: none, one for both, or one for each. Without one, what is no cluster is taken to be for the nginx that
            the other one is for.
    """
    from nginxgen.errors import ConfigError

    names = before, after
    first = max((0, 1), key=lambda at: (names[at].startswith(RUNNING), cluster_files(names[at]) is not None))
    wanted = [targets[at] if len(targets) == 2 else next(iter(targets), None) for at in (0, 1)]
    read: dict[int, Compared] = {}
    problems: list[ConfigError] = []
    for at in (first, 1 - first):
        known = read[first].target if at != first and first in read else None
        try:
            read[at] = Compared(names[at], wanted[at] or known)
        except ConfigError as problem:
            problems.append(problem)
    if len(problems) == 1 or (problems and before == after):
        raise problems[0]
    if problems:
        raise ConfigError([one for problem in problems for one in _with_spots(problem)])
    return read[0], read[1]


def _with_spots(problem: ConfigError) -> list[Diagnostic]:
    """Findings that know their places by themselves; further places, which need the sources, are left out."""
    sources = problem.sources
    if sources is None:
        return list(problem.diagnostics)
    return [one._replace(where=sources.spot(one.where, one.key), also=()) for one in problem.diagnostics]


def cluster_files(name: str) -> list[str] | None:
    """The cluster files that a side names; None when it names something else."""
    if name == "-":
        return ["-"] if _CLUSTER.match(sys.stdin.buffer.peek()) else None  # type: ignore[union-attr]
    files = [name] if os.path.exists(name) else name.split(",")
    are_clusters = [one.endswith((".toml", ".json")) for one in files]
    if len(files) > 1 and not all(are_clusters):
        raise typer.BadParameter(f"{name}: only cluster files lie over each other; name a folder instead")
    return files if all(are_clusters) else None


def _running(name: str, target: Target | None) -> Side:
    """What a running ``up`` has taken from its files."""
    from nginxgen.change.differences import side_of
    from nginxgen.cli.running import SHORT, asked
    from nginxgen.conf.read import read_tree
    from nginxgen.conf.target import Target as Known

    answer = asked(Path(name.removeprefix(RUNNING) or "cluster.toml"), None, "text", SHORT)
    return side_of(read_tree(answer["text"]), target or Known.parse(answer["target"]), name)


def _read_configuration(name: str) -> Configuration:
    """A configuration of nginx.

    Raises:
        ConfigError: with all that nginx would not read.
    """
    from nginxgen.errors import ConfigError
    from nginxgen.foreign import read_configuration

    read = read_configuration([name])
    if read.problems:
        raise ConfigError(read.problems)
    return read
