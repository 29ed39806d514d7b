"""Blocks of a tree to plain data, by the codecs of the model's fields."""

from __future__ import annotations

from typing import Any

from nginxgen.conf.tree import Statement, Tree
from nginxgen.model.block import Block
from nginxgen.model.cluster import Cluster
from nginxgen.model.codec import Codec, codecs_by_directive
from nginxgen.model.http import Http
from nginxgen.model.location import Location
from nginxgen.model.main import Events, Nginx
from nginxgen.model.maps import Geo, Map, SplitClients
from nginxgen.model.record import joined
from nginxgen.model.schema import can_hold, fits
from nginxgen.model.server import Server
from nginxgen.model.upstream import Upstream
from nginxgen.source import Path

Data = dict[str, Any]
_VARIABLE_BLOCKS: dict[str, type[Block]] = {"map": Map, "split_clients": SplitClients, "geo": Geo}


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

    def level(self, cls: type[Block], tree: Tree) -> Data:
        """The plain data of what stands in one block; for http, with the groups and servers in it."""
        if cls is Http:
            data: Data = {}
            return {**self._http(tree, data), **data}
        if cls is Nginx:
            whole = self.cluster(tree)
            return {**whole.pop("nginx"), **{key: value for key, value in whole.items() if key != "defaults"}}
        if cls is Server or cls is Location:
            return self._serving(cls, tree, ())
        return self._block(cls, tree, ())

    def _http(self, tree: Tree, data: Data) -> Data:
        http: Data = {}
        path: Path = ("http",)
        for statement in tree:
            if statement.block is None:
                self._directive(Http, http, statement, path)
            elif self._group_or_server(statement, data):
                continue
            elif (made := self._variable_block(statement)) is not None:
                many = http.setdefault(statement.name, [])
                where = (*path, statement.name, len(many))
                self._note(statement, where)
                self._note_entries(statement, made, where)
                many.append(made)
            else:
                self._serving_block(http, statement, path)
        return http

    def _group_or_server(self, statement: Statement, data: Data) -> bool:
        if statement.name == "upstream":
            return self._upstream(statement, data.setdefault("upstream", {}))
        return statement.name == "server" and self._block_in_list(Server, statement, data, ())

    def _upstream(self, statement: Statement, upstreams: Data) -> bool:
        if len(statement.args) != 1 or statement.args[0] in upstreams:
            return False
        name = statement.args[0]
        made = self._block(Upstream, statement.block or (), ("upstream", name))
        if self.careful and not can_hold(Cluster, "upstream", {name: made}):
            return False
        self._note(statement, ("upstream", name))
        upstreams[name] = made
        return True

    def _block_in_list(self, cls: type[Block], statement: Statement, data: Data, path: Path) -> bool:
        """A server or location, put into its list."""
        is_server = cls is Server
        head = {} if is_server else {"path": joined(list(statement.args))}
        if None in head.values() or (is_server and statement.args):
            return False
        many = data.get(statement.name, [])
        where = (*path, statement.name, len(many))
        made = {**head, **self._serving(cls, statement.block or (), where)}
        if not self._fits(cls, made):
            return False
        self._note(statement, where if is_server else (*where, "path"))
        data.setdefault(statement.name, []).append(made)
        return True

    def _fits(self, cls: type[Block], data: Data) -> bool:
        return not self.careful or fits(cls, data)

    def _serving(self, cls: type[Block], tree: Tree, path: Path) -> Data:
        """A server or location."""
        data: Data = {}
        for statement in tree:
            if statement.block is None:
                self._directive(cls, data, statement, path)
            elif statement.name != "location" or not self._block_in_list(Location, statement, data, path):
                self._serving_block(data, statement, path)
        return data

    def _serving_block(self, data: Data, statement: Statement, path: Path) -> None:
        """A block that http, a server and a location may hold alike."""
        types = _types(statement) if statement.name == "types" and "types" not in data else None
        if types is not None and (not self.careful or can_hold(Http, "types", types)):
            self._note(statement, (*path, "types"))
            for entry in statement.block or ():
                self._note(entry, (*path, "types", entry.name))
            data["types"] = types
        else:
            self._note(statement, (*path, "directives", len(data.get("directives", ()))))
            _keep(data, statement)

    def _variable_block(self, statement: Statement) -> Data | None:
        entries = statement.block or ()
        args = statement.args
        cls = _VARIABLE_BLOCKS.get(statement.name)
        if cls is None or len(args) not in ((1, 2) if cls is Geo else (2,)):
            return None
        head = {"variable": args[-1]} if len(args) == 1 else {"source": args[0], "variable": args[1]}
        made = _entries(cls, head, entries)
        return made if made is not None and self._fits(cls, made) else None

    def _block(self, cls: type[Block], tree: Tree, path: Path) -> Data:
        data: Data = {}
        for statement in tree:
            self._directive(cls, data, statement, path)
        return data

    def _directive(self, cls: type[Block], data: Data, statement: Statement, path: Path) -> None:
        codec = codecs_by_directive(cls).get(statement.name) if statement.block is None else None
        if codec is None or not self._read(cls, codec, data, statement):
            self._note(statement, (*path, "directives", len(data.get("directives", ()))))
            _keep(data, statement)
        elif self.places is not None:
            self._note(statement, (*path, *_step(codec, data, statement)))

    def _read(self, cls: type[Block], codec: Codec, data: Data, statement: Statement) -> bool:
        if self.careful:
            trial: Data = {}
            if not codec.read(trial, statement.name, statement.args):
                return False
            if not all(can_hold(cls, key, value) for key, value in trial.items()):
                return False
        return codec.read(data, statement.name, statement.args)

    def _note_entries(self, statement: Statement, made: Data, where: Path) -> None:
        """Where the lines of a map, geo or split_clients are said."""
        rows = {row["key"]: at for at, row in enumerate(made["entries"])} if self.places is not None else {}
        for entry in statement.block or ():
            if entry.name in rows:
                self._note(entry, (*where, "entries", rows[entry.name], "key"))
            elif entry.name in made:
                self._note(entry, (*where, entry.name))

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


def _types(statement: Statement) -> dict[str, list[str]] | None:
    """A table of media types; None when there is something else in it, such as an include."""
    entries = statement.block or ()
    names = {entry.name for entry in entries}
    plain = all(entry.args and entry.block is None for entry in entries)
    if not _is_plain_block(statement) or not plain or len(names) != len(entries):
        return None
    return {entry.name: list(entry.args) for entry in entries}


def _entries(cls: type[Block], data: Data, tree: Tree) -> Data | None:
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
