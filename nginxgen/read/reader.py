"""Blocks of a tree to plain data, by the codecs of the model's fields."""

from __future__ import annotations

from typing import Any

from nginxgen.conf.tree import Statement, Tree
from nginxgen.model.block import BlockMeta
from nginxgen.model.codec import Codec, codecs_by_directive
from nginxgen.model.http import Http
from nginxgen.model.location import Location
from nginxgen.model.main import Events, Nginx
from nginxgen.model.maps import Geo, Map, SplitClients
from nginxgen.model.schema import can_hold
from nginxgen.model.server import Server
from nginxgen.model.upstream import Upstream
from nginxgen.source import Path

Data = dict[str, Any]
BLOCKS = frozenset({"events", "http", "upstream", "server", "location", "map", "geo", "split_clients", "types"})
"""The blocks that the model has."""


class Reader:
    """Reads one tree; ``careful`` asks each field whether it takes the value before it gets it."""

    def __init__(self, places: dict[int, Path] | None = None, careful: bool = False) -> None:
        self.places = places
        self.careful = careful

    def cluster(self, tree: Tree) -> Data:
        """The plain data of a whole configuration."""
        data: Data = {"defaults": "nginx"}
        main = data["nginx"] = {}
        path: Path = ("nginx",)
        for statement in tree:
            if statement.name == "events" and _is_plain_block(statement) and "events" not in main:
                self._note(statement, (*path, "events"))
                main["events"] = self._block(Events, statement.block or (), (*path, "events"))
            elif statement.name == "http" and _is_plain_block(statement) and "http" not in data:
                self._note(statement, ("http",))
                data["http"] = self._http(statement.block or (), data)
            else:
                self._directive(Nginx, main, statement, path)
        return data

    def _http(self, tree: Tree, data: Data) -> Data:
        http: Data = {}
        path: Path = ("http",)
        for statement in tree:
            if statement.block is None:
                self._directive(Http, http, statement, path)
            elif statement.name == "upstream" and len(statement.args) == 1:
                self._upstream(statement, data.setdefault("upstream", {}), http)
            elif statement.name == "server" and not statement.args:
                servers = data.setdefault("server", [])
                where: Path = ("server", len(servers))
                self._note(statement, where)
                servers.append(self._serving(Server, statement.block, where))
            elif (made := self._variable_block(statement)) is not None:
                many = http.setdefault(statement.name, [])
                self._note(statement, (*path, statement.name, len(many)))
                many.append(made)
            else:
                self._serving_block(http, statement, path)
        return http

    def _upstream(self, statement: Statement, upstreams: Data, http: Data) -> None:
        name = statement.args[0]
        if name in upstreams:
            _keep(http, statement)
            return
        self._note(statement, ("upstream", name))
        upstreams[name] = self._block(Upstream, statement.block or (), ("upstream", name))

    def _serving(self, cls: BlockMeta, tree: Tree, path: Path) -> Data:
        """A server or location."""
        data: Data = {}
        for statement in tree:
            if statement.block is None:
                self._directive(cls, data, statement, path)
            elif statement.name == "location" and len(statement.args) in (1, 2):
                many = data.setdefault("location", [])
                where = (*path, "location", len(many))
                self._note(statement, where)
                many.append({"path": " ".join(statement.args), **self._serving(Location, statement.block, where)})
            else:
                self._serving_block(data, statement, path)
        return data

    def _serving_block(self, data: Data, statement: Statement, path: Path) -> None:
        """A block that http, a server and a location may hold alike."""
        if statement.name == "types" and _is_plain_block(statement) and "types" not in data and _is_types(statement):
            self._note(statement, (*path, "types"))
            data["types"] = {entry.name: list(entry.args) for entry in statement.block or ()}
        else:
            self._note(statement, (*path, "directives", len(data.get("directives", ()))))
            _keep(data, statement)

    def _variable_block(self, statement: Statement) -> Data | None:
        entries = statement.block or ()
        args = statement.args
        match statement.name, len(args):
            case "map", 2:
                return _entries(Map, {"source": args[0], "variable": args[1]}, entries)
            case "split_clients", 2:
                return _entries(SplitClients, {"source": args[0], "variable": args[1]}, entries)
            case "geo", 1:
                return _entries(Geo, {"variable": args[0]}, entries)
            case "geo", 2:
                return _entries(Geo, {"source": args[0], "variable": args[1]}, entries)
        return None

    def _block(self, cls: BlockMeta, tree: Tree, path: Path) -> Data:
        data: Data = {}
        for statement in tree:
            self._directive(cls, data, statement, path)
        return data

    def _directive(self, cls: BlockMeta, data: Data, statement: Statement, path: Path) -> None:
        codec = codecs_by_directive(cls).get(statement.name) if statement.block is None else None
        if codec is None or not self._read(cls, codec, data, statement):
            self._note(statement, (*path, "directives", len(data.get("directives", ()))))
            _keep(data, statement)
        elif self.places is not None:
            self._note(statement, (*path, *_step(codec, data, statement)))

    def _read(self, cls: BlockMeta, codec: Codec, data: Data, statement: Statement) -> bool:
        if self.careful:
            trial: Data = {}
            if not codec.read(trial, statement.name, statement.args):
                return False
            if not all(can_hold(cls, key, value) for key, value in trial.items()):
                return False
        return codec.read(data, statement.name, statement.args)

    def _note(self, statement: Statement, path: Path) -> None:
        if self.places is not None:
            self.places[statement.line] = path


def _step(codec: Codec, data: Data, statement: Statement) -> Path:
    """Where in the block's data the statement went."""
    trial: Data = {}
    codec.read(trial, statement.name, statement.args)
    ((key, value),) = trial.items()
    if isinstance(value, list) and isinstance(data[key], list) and len(data[key]) >= 1 and value[-1:] == data[key][-1:]:
        return key, len(data[key]) - 1
    if isinstance(value, dict) and len(value) == 1 and statement.args and statement.args[0] in value:
        return key, statement.args[0]
    return (key,)


def _is_plain_block(statement: Statement) -> bool:
    return statement.block is not None and not statement.args


def _is_types(statement: Statement) -> bool:
    names = [entry.name for entry in statement.block or ()]
    return all(entry.args and entry.block is None for entry in statement.block or ()) and len(set(names)) == len(names)


def _entries(cls: BlockMeta, data: Data, tree: Tree) -> Data | None:
    """A block whose lines are data; None when one of them is something else, such as an include."""
    own = codecs_by_directive(cls)
    rows = []
    for entry in tree:
        if entry.block is not None:
            return None
        if entry.name in own and own[entry.name].read(data, entry.name, entry.args):
            continue
        if len(entry.args) != 1 or entry.name in ("include", *own):
            return None
        rows.append({"key": entry.name, "value": entry.args[0]})
    return {**data, "entries": rows}


def _keep(data: Data, statement: Statement) -> None:
    data.setdefault("directives", []).append(statement.directive())
