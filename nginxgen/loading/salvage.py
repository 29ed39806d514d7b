"""What is left of a file when its wrong parts are taken out, so that all its mistakes are found at once.

The rest is a cluster that can be checked further; what is found there is told in the places of the whole file, and
kept back when it may be a consequence of what was taken out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeGuard

from nginxgen.diagnostic import Diagnostic, Severity, Spot, Where
from nginxgen.errors import ConfigError
from nginxgen.loading.sources import as_written
from nginxgen.model.cluster import Cluster
from nginxgen.model.schema import validate
from nginxgen.source import Path

_MOST_ROUNDS = 8
_MISSED = {
    "NG018": frozenset({"servers", "workers", "directives"}),
    "NG019": frozenset({"resolver", "zone"}),
    "NG020": frozenset({"log_format", "limit_req_zone", "limit_conn_zone", "location", "directives"}),
    "NG021": frozenset({"map", "geo", "split_clients", "auth_request_set", "directives", "server_name", "path"}),
    "NG023": frozenset({"ssl_certificate", "ssl_certificate_key", "tls", "listen"}),
    "NG026": frozenset({"auth_basic_user_file", "include"}),
}
"""Codes that say something is missing, and the keys under which it may have been taken out."""


class Salvage:
    """A file's data without its wrong parts."""

    def __init__(self, data: dict[str, Any], problems: Iterable[Diagnostic]) -> None:
        self.data = data
        self.removed: set[Path] = {one.where for one in problems if _is_path(one.where)}
        self.left: dict[str, Any] = {}
        self.cluster = self._cluster()

    def _cluster(self) -> Cluster:
        """What is left; empty when nothing sound can be found."""
        for _ in range(_MOST_ROUNDS):
            self.left = _without(self.data, (), self.removed)
            try:
                return validate(Cluster, self.left)
            except ConfigError as failed:
                self.removed |= {self._original(one.where) for one in failed.diagnostics if _is_path(one.where)}
        self.left = {}
        return Cluster.trusted({})

    def tell(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The findings about what is left that are no consequence of what is not, in the places of the whole file."""
        return [self._told(one) for one in found if one.severity is Severity.ERROR and not self._is_consequence(one)]

    def _told(self, one: Diagnostic) -> Diagnostic:
        also = tuple((self._original(path), text) for path, text in one.also)
        return one._replace(where=self._original(one.where), also=also)

    def _is_consequence(self, one: Diagnostic) -> bool:
        where = self._original(one.where)
        if any(path[: len(where)] == where for path in self.removed):
            return True
        if any(f'"{path[-1]}"' in one.message for path in self.removed if path):
            return True
        missed = _MISSED.get(one.code, frozenset())
        return any(_key(path) in missed for path in self.removed)

    def _original(self, where: Where) -> Path:
        """A path in what is left, in the whole file: elements that were taken out of lists count there."""
        path: Path = ()
        for part in as_written(where, self.left) if _is_path(where) else ():
            path = (*path, self._original_index(path, part) if isinstance(part, int) else part)
        return path

    def _original_index(self, path: Path, index: int) -> int:
        gone = [one[-1] for one in self.removed if one[:-1] == path]
        for taken in sorted(one for one in gone if isinstance(one, int)):
            index += taken <= index
        return index


def _key(path: Path) -> str | int:
    """The key under which something was taken out: its own, or that of the list or table that it stood in."""
    holds_names = len(path) > 1 and path[-2] == "auth_request_set"
    return path[-2] if len(path) > 1 and (holds_names or isinstance(path[-1], int)) else path[-1] if path else ""


def _is_path(where: Where) -> TypeGuard[Path]:
    return where is not None and not isinstance(where, Spot)


def _without(value: Any, path: Path, removed: set[Path]) -> Any:
    if isinstance(value, dict):
        return {key: _without(one, (*path, key), removed) for key, one in value.items() if (*path, key) not in removed}
    if isinstance(value, list):
        return [_without(one, (*path, at), removed) for at, one in enumerate(value) if (*path, at) not in removed]
    return value
