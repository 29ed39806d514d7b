"""Where a cluster's values came from: the files laid over each other, and the places in them.

Places are looked for only when a message needs one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from nginxgen.diagnostic import Spot, Where
from nginxgen.source import Path, Place, SourceFile, Span


class _Layer:
    """One file, and where everything stands in it."""

    def __init__(self, file: SourceFile, data: dict[str, Any]) -> None:
        self.file = file
        self.data = data

    @cached_property
    def places(self) -> dict[Path, Place]:
        from nginxgen.loading.json_spans import json_places
        from nginxgen.loading.toml_spans import toml_places

        scan: Callable[[str], dict[Path, Place]] = toml_places
        if self.file.text.lstrip()[:1] == "{":
            scan = json_places
        return scan(self.file.text)

    def holds(self, path: Path) -> bool:
        """Whether the file's data has something at the path."""
        value: Any = self.data
        for part in path:
            known = part in value if isinstance(value, dict) else _is_index(part, value)
            if not known:
                return False
            value = value[part]
        return True


def _is_index(part: str | int, value: Any) -> bool:
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


class Sources:
    """The files of a cluster, the last of which has the last word."""

    def __init__(self, layers: list[tuple[SourceFile, dict[str, Any]]]) -> None:
        self._layers = [_Layer(file, data) for file, data in layers]

    @property
    def names(self) -> list[str]:
        """The files' names, as the user gave them."""
        return [layer.file.name for layer in self._layers]

    @property
    def files(self) -> list[SourceFile]:
        """The files, in that order."""
        return [layer.file for layer in self._layers]

    def data(self) -> dict[str, Any]:
        """The layers' data in one: tables merged, everything else replaced by the later file."""
        merged: dict[str, Any] = {}
        for layer in self._layers:
            merged = _overlaid(merged, layer.data)
        return merged

    def spot(self, where: Where, key: bool = False) -> Spot | None:
        """Where a path stands, or the nearest that has a place; ``key`` asks for its key and not its value."""
        if where is None or isinstance(where, Spot):
            return where
        layer = self._owner(where)
        where = as_written(where, layer.data) if layer else where
        for length in range(len(where), 0, -1):
            if layer and (place := layer.places.get(where[:length])):
                wants_key = (key or length < len(where)) and place.key
                return Spot(layer.file, _first_line(layer.file, place.key if wants_key and place.key else place.value))
        return None

    def _owner(self, path: Path) -> _Layer | None:
        """The file from which the value at a path came: lists come whole from one, tables from several."""
        candidates = self._layers
        for length in range(1, len(path) + 1):
            holding = [layer for layer in candidates if layer.holds(path[:length])]
            if not holding:
                break
            inside_list = length < len(path) and isinstance(path[length], int)
            candidates = holding[-1:] if inside_list else holding
        return candidates[-1] if candidates else None


def as_written(path: Path, data: Any) -> Path:
    """A path in the terms of the file: one table or value may stand there where the cluster has a list."""
    written: Path = ()
    for at, part in enumerate(path):
        if isinstance(part, int) and not isinstance(data, list):
            if not isinstance(data, dict) or path[at + 1 : at + 2] == () or path[at + 1] in data or part >= len(data):
                continue
            part = list(data)[part]
        written = (*written, part)
        data = _inside(data, part)
    return written


def _inside(data: Any, part: str | int) -> Any:
    if isinstance(data, dict):
        return data.get(part)
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None


def _overlaid(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _overlaid(merged[key], value)
        else:
            merged[key] = value
    return merged


def _first_line(file: SourceFile, span: Span) -> Span:
    """As much of a span as stands on its first line, which is what a message can underline."""
    end = file.text.find("\n", span.start, span.end)
    return span if end == -1 else Span(span.start, end)
