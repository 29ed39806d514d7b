"""cluster.toml to a cluster: files read, laid over each other, decoded, and checked as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from nginxgen.diagnostic import Diagnostic
from nginxgen.errors import ConfigError
from nginxgen.loading.files import read_file
from nginxgen.loading.salvage import Salvage
from nginxgen.loading.sources import Sources
from nginxgen.model.cluster import Cluster
from nginxgen.model.schema import validate
from nginxgen.source import SourceFile


class Loaded(NamedTuple):
    """A cluster, and where everything in it was said."""

    cluster: Cluster
    sources: Sources
    problems: tuple[Diagnostic, ...] = ()
    """What is wrong in single places; the cluster is then what is left without them."""
    salvage: Salvage | None = None


def read_files(names: Sequence[str]) -> Loaded:
    """The cluster that one or more files describe, later ones over earlier ones; ``-`` is standard input.

    What is wrong in single places of it is kept as problems, so that what is wrong between places can be told with it.

    Raises:
        ConfigError: with what is wrong with each file that is no TOML or JSON at all.
        Unavailable: when one cannot be read.
    """
    sources = Sources(_read_all(names))
    data = sources.data()
    try:
        return Loaded(validate(Cluster, data), sources)
    except ConfigError as failed:
        salvage = Salvage(data, failed.diagnostics)
        return Loaded(salvage.cluster, sources, failed.diagnostics, salvage)


def _read_all(names: Sequence[str]) -> list[tuple[SourceFile, dict[str, Any]]]:
    read: list[tuple[SourceFile, dict[str, Any]]] = []
    refused: list[Diagnostic] = []
    for name in names:
        try:
            read.append(read_file(name))
        except ConfigError as problem:
            refused += problem.diagnostics
    if refused:
        raise ConfigError(refused)
    return read
