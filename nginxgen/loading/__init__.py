"""cluster.toml to a cluster: files read, laid over each other, decoded, and checked as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nginxgen.errors import ConfigError
from nginxgen.loading.files import read_file
from nginxgen.loading.sources import Sources
from nginxgen.model.cluster import Cluster
from nginxgen.model.schema import validate


class Loaded(NamedTuple):
    """A cluster, and where everything in it was said."""

    cluster: Cluster
    sources: Sources


def load_files(names: Sequence[str]) -> Loaded:
    """The cluster that one or more files describe, later ones over earlier ones; ``-`` is standard input.

    Raises:
        ConfigError: with every reason, when the files are wrong.
        Unavailable: when one cannot be read.
    """
    sources = Sources([read_file(name) for name in names])
    try:
        return Loaded(validate(Cluster, sources.data()), sources)
    except ConfigError as problem:
        raise ConfigError(problem.diagnostics, sources) from None
