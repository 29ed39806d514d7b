"""nginx.conf to an explicit cluster: the inverse of the templates.

What has a field becomes the field's plain data, everything else a directive of the escape hatch, word for word.
"""

from __future__ import annotations

from typing import Any

from nginxgen.conf.tree import Directive, Tree, as_statement
from nginxgen.errors import ConfigError
from nginxgen.model.block import Block
from nginxgen.model.cluster import Cluster
from nginxgen.model.schema import validate
from nginxgen.read.reader import Reader
from nginxgen.source import Path


def read_cluster(tree: Tree) -> Cluster:
    """The explicit cluster that a tree says."""
    try:
        return validate(Cluster, Reader().cluster(tree))
    except ConfigError:
        # A directive that has a field, with a value that the field refuses: the careful way keeps it as words.
        return validate(Cluster, Reader(careful=True).cluster(tree))


def read_places(tree: Tree) -> dict[int, Path]:
    """For each line on which a statement begins: the path of what it says in the explicit cluster."""
    reader = Reader(places={})
    reader.cluster(tree)
    return reader.places or {}


def find_home(cls: type[Block], directive: Directive) -> dict[str, Any] | None:
    """The plain data that a directive is in the fields of a block; None when only the escape hatch can hold it."""
    data = Reader(careful=True).level(cls, (as_statement(directive),))
    return None if "directives" in data else data
