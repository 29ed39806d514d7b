"""Clusters made valid: what crosschecks or the target refuse is taken out of the data, until nothing is refused."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from nginxgen.conf.target import Target
from nginxgen.diagnostic import Diagnostic, Severity
from nginxgen.loading import Loaded
from nginxgen.loading.sources import Sources
from nginxgen.model.cluster import Cluster
from nginxgen.model.schema import fits, validate
from nginxgen.proven import judge
from nginxgen.source import Path
from support.plain import Data

_MOST_ROUNDS = 40


def made_valid(data: Data, target: Target) -> Cluster | None:
    """As much of a cluster as is right for a target; None when it takes too long to find out.

    The place of each refusal must be there in the data: this is how the places of messages are tested, too.
    """
    data = deepcopy(data)
    for _ in range(_MOST_ROUNDS):
        cluster = validate(Cluster, data)
        refused = refusals(cluster, target)
        if not refused:
            return cluster
        for path in sorted({one.where for one in refused}, key=repr, reverse=True):
            _take_out(data, path)  # type: ignore[arg-type]
    return None


def refusals(cluster: Cluster, target: Target) -> list[Diagnostic]:
    """Every error that there is to say about a cluster, each with a path in it."""
    _, found = judge(Loaded(cluster, Sources([])), target)
    errors = [one for one in found if one.severity is Severity.ERROR]
    for one in errors:
        assert isinstance(one.where, tuple), f"{one} has no place"
        assert one.where, f"{one} has no place"
    return errors


def _take_out(data: Data, path: Path) -> None:
    """Take out what stands at a path, and as much around it as cannot stand without it."""
    for length in range(len(path), 0, -1):
        inside = _at(data, path[: length - 1])
        step = path[length - 1]
        if isinstance(inside, dict) and step in inside:
            kept = inside.pop(step)
            if fits(Cluster, data):
                return
            inside[step] = kept
        elif isinstance(inside, list) and isinstance(step, int) and step < len(inside):
            kept = inside.pop(step)
            if fits(Cluster, data):
                return
            inside.insert(step, kept)


def _at(data: Any, path: Path) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data
