"""A cluster to a text that is proven: checked, expanded, printed, read back. The one way to a text."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path as FilePath

from nginxgen.conf.target import ANY, Target
from nginxgen.conf.tree import Tree
from nginxgen.crosscheck import crosscheck, sockets
from nginxgen.diagnostic import Diagnostic, Severity, Spot, error, has_errors
from nginxgen.errors import ConfigError, OutputBug, TemplateError
from nginxgen.expand import Expanded, expand
from nginxgen.loading import Loaded
from nginxgen.loading.sources import Sources
from nginxgen.model.cluster import Cluster
from nginxgen.proof import NotProven, prove
from nginxgen.proof.order import find_misplaced
from nginxgen.read import read_places
from nginxgen.rendering import header, print_cluster
from nginxgen.source import Path

Progress = Callable[[str], None]
"""Is told what is being done, before it is done."""


class Rendered:
    """A proven text, and everything that is known of it."""

    def __init__(
        self,
        text: str,
        tree: Tree,
        target: Target,
        expanded: Expanded,
        diagnostics: tuple[Diagnostic, ...],
        sources: Sources | None,
    ) -> None:
        self.text = text
        self.tree = tree
        self.target = target
        self.expanded = expanded
        self.diagnostics = diagnostics
        """Warnings and notes; errors were raised."""
        self.sources = sources

    @cached_property
    def _places(self) -> dict[int, Path]:
        return read_places(self.tree)

    def origin(self, line: int) -> Path | None:
        """The path in the cluster of what a line of the text says; the nearest before it, for a line between."""
        at = next((number for number in range(line, 0, -1) if number in self._places), None)
        return None if at is None else self.expanded.origin(self._places[at])


def render(
    cluster: Cluster | Loaded,
    target: Target | str | None = None,
    *,
    templates: FilePath | str | None = None,
    progress: Progress | None = None,
    arrange: Callable[[Cluster], Cluster] | None = None,
) -> Rendered:
    """The text of nginx.conf for a cluster.

    Args:
        cluster: what was loaded, or a cluster made in code.
        target: a version such as ``"1.22"``, a distribution such as ``"debian-12"``, ``"any"``, or a `Target`; what
            the cluster says itself, else any nginx from 1.18 on.
        templates: a folder with templates that replace nginxgen's own.
        progress: is told what is being done.
        arrange: changes the explicit cluster before it is printed: what runs under a supervisor is not where the file
            says.

    Raises:
        ConfigError: when the cluster is wrong, or the target cannot do what it says.
        TemplateError: when templates of the user's own fail or say something else.
        OutputBug: when nginxgen's own text fails the proof.
    """
    tell = progress or (lambda doing: None)
    loaded = cluster if isinstance(cluster, Loaded) else Loaded(cluster, Sources([]))
    meant = find_target(loaded, target)
    tell("checking")
    expanded, diagnostics = judge(loaded, meant)
    if has_errors(diagnostics):
        raise ConfigError(diagnostics, loaded.sources)
    if arrange is not None:
        expanded = expanded._replace(cluster=arrange(expanded.cluster))
    folder = None if templates is None else FilePath(templates)
    tell("printing")
    try:
        text = print_cluster(expanded.cluster, header(expanded, meant, loaded.sources.names), folder)
    except TemplateError as problem:
        if folder is None:
            raise OutputBug(str(problem), repr(expanded.cluster)) from problem
        raise
    tell("proving")
    try:
        tree = prove(text, expanded.cluster, meant)
        if folder is not None and (misplaced := find_misplaced(tree)):
            raise NotProven(misplaced[1], misplaced[0].line)
    except NotProven as problem:
        if folder is not None:
            raise TemplateError(f"the templates in {folder} do not print what the cluster says: {problem}") from None
        raise OutputBug(str(problem), text) from None
    return Rendered(text, tree, meant, expanded, tuple(diagnostics), loaded.sources)


def judge(loaded: Loaded, target: Target) -> tuple[Expanded, list[Diagnostic]]:
    """The explicit cluster for a target, and everything there is to say about it."""
    expanded = expand(loaded.cluster, target)
    found = (_as_given(one, expanded) for one in (*expanded.diagnostics, *sockets.check(expanded.cluster)))
    return expanded, _with_problems(loaded, [*crosscheck(loaded.cluster), *found])


def errors_of(loaded: Loaded) -> list[Diagnostic]:
    """Everything that is wrong with a cluster for the nginx that it names."""
    try:
        _, found = judge(loaded, find_target(loaded, None))
    except ConfigError as problem:
        found = list(problem.diagnostics)
    return [one for one in found if one.severity is Severity.ERROR]


def _with_problems(loaded: Loaded, found: list[Diagnostic]) -> list[Diagnostic]:
    """What was found in what could be read, behind what could not."""
    return found if loaded.salvage is None else [*loaded.problems, *loaded.salvage.tell(found)]


def find_target(loaded: Loaded, wanted: Target | str | None) -> Target:
    """The target that was asked for; else the cluster's own; else any nginx.

    Raises:
        ConfigError: when no such nginx is known; with what is wrong for any.
    """
    if isinstance(wanted, Target):
        return wanted
    said = wanted or loaded.cluster.nginx.target
    if said is None:
        return ANY
    try:
        return Target.parse(said)
    except ValueError as problem:
        where: Path | None = None if wanted else ("nginx", "target")
        help = "the path of a binary is given to --target" if "/" in said else None
        others = _with_problems(loaded, crosscheck(loaded.cluster))
        raise ConfigError([error("NG033", str(problem), where, help), *others], loaded.sources) from None


def _as_given(one: Diagnostic, expanded: Expanded) -> Diagnostic:
    """A finding about the explicit cluster, in the places of the one that was given."""
    where = None if one.where is None or isinstance(one.where, Spot) else expanded.origin(one.where)
    also = tuple((at if isinstance(at, Spot) else expanded.origin(at), text) for at, text in one.also)
    return one._replace(where=where, also=also)
