"""An explicit cluster as a tree of what people call its parts: upstreams, servers, locations, and their settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, get_origin

from nginxgen.conf.token import Unrepresentable, quote
from nginxgen.conf.tree import Directive
from nginxgen.model.block import Block, Field, Role, strip_annotated, strip_optional
from nginxgen.model.cluster import Cluster
from nginxgen.model.codec import Codec, codecs
from nginxgen.model.location import Location
from nginxgen.model.maps import Geo, Map, SplitClients
from nginxgen.model.record import words_of
from nginxgen.model.server import Server

_ANSWERS = ("return", "proxy_pass", "fastcgi_pass", "uwsgi_pass", "grpc_pass", "alias", "root", "try_files")


class Setting(NamedTuple):
    """One directive: its name with what tells it from others of that name, and what else it says."""

    name: str
    value: str
    is_ordered: bool = False
    """Whether its place among others of its kind matters."""


class Node(NamedTuple):
    """A part of a cluster; ``names`` and ``sockets`` are a server's, by which it is found again."""

    kind: str
    label: str
    settings: dict[tuple[str, int], Setting]
    children: list[Node]
    names: tuple[str, ...] = ()
    sockets: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """What it does, in a few words, for one that is shown as a whole."""
        if self.kind == "upstream":
            servers = [one for one in self.settings.values() if one.name.startswith("server ")]
            return _count(len(servers), "server")
        if self.kind == "server":
            return _count(sum(one.kind == "location" for one in self.children), "location")
        said = {one.name: one.value for one in self.settings.values()}
        answer = next((name for name in _ANSWERS if name in said), None)
        return f"{answer} {said[answer]}" if answer else ""


def tree_of(explicit: Cluster) -> Node:
    """The tree of a cluster that is explicit."""
    parts = [_upstream(name, one) for name, one in explicit.upstream.items()]
    parts += [_server(one) for one in explicit.server]
    return Node("whole", "", {}, [_node("main", "main", explicit.nginx), _node("http", "http", explicit.http), *parts])


def _upstream(name: str, block: Block) -> Node:
    return _node("upstream", f"upstream {quoted([name])}", block)


def _server(server: Server) -> Node:
    sockets = tuple(one.socket for one in server.listen) or ("*:80",)
    where = ", ".join(one.address for one in server.listen) or "80"
    name = quoted(server.server_name[:1]) if server.server_name else "(no name)"
    return _node("server", f"server {name} on {where}", server)._replace(names=server.server_name, sockets=sockets)


def _node(kind: str, label: str, block: Block) -> Node:
    node = Node(kind, label, {}, [])
    said = block.said()
    every = codecs(type(block))
    for name, field in type(block).fields.items():
        if name not in said:
            continue
        if name in every:
            for setting in _settings(field, every[name], said[name]):
                _add(node, setting)
        elif field.declared.role is Role.BLOCK:
            _add_blocks(node, field, said[name])
        elif field.name == "entries":
            for entry in said[name]:
                key, value = words_of(entry)
                _add(node, Setting(quoted([key]), quoted([value]), is_ordered=key.startswith("~")))
        elif field.name == "source":
            _add(node, Setting("source", quoted([said[name]])))
    return node


def _add(node: Node, setting: Setting) -> None:
    number = 0
    while (setting.name, number) in node.settings:
        number += 1
    node.settings[setting.name, number] = setting


def _add_blocks(node: Node, field: Field, value: Any) -> None:
    if isinstance(value, Block):
        node.children.append(_node(field.key, field.key, value))
    elif isinstance(value, tuple):
        node.children.extend(_element(one) for one in value)
    else:  # the table of media types
        for name, extensions in value.items():
            _add(node, Setting(f"{field.key} {name}", quoted(extensions)))


def _element(block: Block) -> Node:
    if isinstance(block, Location):
        return _node("location", f"location {block.path}", block)
    assert isinstance(block, Map | Geo | SplitClients)
    kind = {Map: "map", Geo: "geo", SplitClients: "split_clients"}[type(block)]
    return _node(kind, f"{kind} {block.variable}", block)


def _settings(field: Field, codec: Codec, value: Any) -> Iterator[Setting]:
    """The settings that a field is: one, unless it is a list or table of directives of its own."""
    if field.name == "directives":
        yield from (Setting(one.name, _rest(one, 0), is_ordered=True) for one in value)
        return
    written = list(codec.write(value))
    if field.declared.codec is not None:  # such as access rules, of which the order decides
        yield Setting(field.key, "; ".join(f"{one.name} {quoted(one.args)}".strip() for one in written))
    elif _is_keyed(field, written):
        is_list = not isinstance(value, dict)
        yield from (Setting(f"{one.name} {quoted(one.args[:1])}", _rest(one, 1), is_list) for one in written)
    else:
        yield from (Setting(one.name, _rest(one, 0)) for one in written)


def _is_keyed(field: Field, written: list[Directive]) -> bool:
    """Whether each directive is told from the others by its first word."""
    inner, _ = strip_annotated(strip_optional(field.annotation)[0])
    is_many = get_origin(inner) is dict or (get_origin(inner) is tuple and _is_each(field, inner))
    return is_many and all(one.args for one in written)


def _is_each(field: Field, inner: Any) -> bool:
    element, _ = strip_annotated(inner.__args__[0])
    return field.declared.each or (isinstance(element, type) and issubclass(element, Block))


def _rest(directive: Directive, first: int) -> str:
    words = quoted(directive.args[first:])
    if directive.block is None:
        return words
    inside = " ".join(f"{one.name} {_rest(one, 0)}".rstrip() + ("" if one.block else ";") for one in directive.block)
    return f"{words} {{ {inside} }}".strip()


def quoted(words: Iterable[str]) -> str:
    """Words as nginx.conf has them."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    try:
        return quote(word)
    except Unrepresentable:
        return repr(word)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
