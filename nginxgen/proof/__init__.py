"""The proof that a text says what a cluster means: its structure, then its read-back.

Judges texts; does not make them and runs nothing.
"""

from __future__ import annotations

from nginxgen.conf.grammar import Grammar
from nginxgen.conf.read import Unreadable, read_tree
from nginxgen.conf.target import Target
from nginxgen.conf.tree import Tree
from nginxgen.diagnostic import path_text
from nginxgen.errors import ConfigError, NginxgenError
from nginxgen.model.cluster import Cluster
from nginxgen.proof.difference import find_difference
from nginxgen.proof.scratch import temporary_files
from nginxgen.read import read_cluster


class NotProven(NginxgenError):
    """A text that does not say what it should; ``line`` is where, as far as that is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"line {line}: {message}")
        self.line = line


def prove(text: str, explicit: Cluster, target: Target) -> Tree:
    """The tree of a text that is proven to say an explicit cluster, and nothing else.

    Raises:
        NotProven: when it does not, or is wrong for the target.
    """
    tree = check_structure(text, target)
    check_readback(tree, explicit)
    return tree


def check_structure(text: str, target: Target) -> Tree:
    """The tree of a text, every directive of which the target has, where it stands, with as many parameters."""
    try:
        with temporary_files():
            tree = read_tree(text)
    except Unreadable as problem:
        raise NotProven(str(problem), problem.line) from None
    faults = Grammar(target).check_tree(tree, "main")
    has_modules = any(statement.name == "load_module" for statement in tree)
    for statement, fault in faults:
        if fault.kind != "foreign" and not (fault.kind in ("unknown", "module") and has_modules):
            raise NotProven(fault.message, statement.line)
    if [statement.name for statement in tree].count("events") != 1:
        raise NotProven("nginx wants one events block, also when nothing stands in it")
    return tree


def check_readback(tree: Tree, explicit: Cluster) -> None:
    """Whether a tree, read back into the model, is the cluster that it came from."""
    try:
        found = read_cluster(tree)
    except ConfigError as problem:
        raise NotProven(f"the text cannot be read back: {problem}") from None
    if found != explicit:
        path, meant, said = find_difference(explicit, found)
        raise NotProven(f"the text does not say what is meant by {path_text(path)}: {meant!r} became {said!r}")
