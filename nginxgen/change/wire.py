"""What nginx does on the wire: how it speaks to backends and to clients, whatever of that is said and what is not.

Computed from what holds in each server and location at each version, and measured on both binaries
(tests/change/test_wire.py). What stands in ``if`` and ``limit_except`` blocks is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.change.differences import Action, Change, Side, differing, pair_up
from nginxgen.change.families import At, Item
from nginxgen.change.parts import Part
from nginxgen.conf.target import Target
from nginxgen.model.addresses import pass_host

_PASSES = ("proxy_pass", "grpc_pass", "fastcgi_pass", "memcached_pass")
_EACH = "a new one for each request"


def find_wire_changes(before: Side, after: Side) -> list[Change]:
    """What changes on the wire, in the parts that are in both configurations."""
    return list(_within(before.whole, after.whole, before, after))


def behaviours(side: Side) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What a configuration does on the wire: the place of each part, what is told of it, and how it is."""
    waiting = [side.whole]
    while waiting:
        part = waiting.pop()
        waiting += part.children
        yield from ((part.place, one.name, one.text) for one in _behaviour(part, side))


def _within(old: Part, new: Part, before: Side, after: Side) -> Iterator[Change]:
    for _, was, now in differing(_behaviour(old, before), _behaviour(new, after)):
        if was and now:
            yield Change(Action.CHANGED, "wire", new.place, now[0].name, was[0].text, now[0].text, was[0].at, now[0].at)
    for was_part, now_part in pair_up(old.children, new.children):
        if was_part is not None and now_part is not None:
            yield from _within(was_part, now_part, before, after)


def _behaviour(part: Part, side: Side) -> list[Item]:
    """What a part does, each thing once; where versions of the target differ in it, both ways are named."""
    found: dict[str, list[Item]] = {}
    for version in side.target.versions():
        at_version = Target(version, version, str(version))
        for name, text, at in _facts(part, side.whole, at_version):
            item = Item(name, name, (text,), text, at)
            found.setdefault(name, []).append(item)
    made = []
    for items in found.values():
        texts = tuple(dict.fromkeys(one.text for one in items))
        made.append(items[0]._replace(value=texts, text=" or ".join(texts)))
    return made


_Fact = tuple[str, str, At | None]


def _facts(part: Part, whole: Part, target: Target) -> Iterator[_Fact]:
    if part.kind == "server" and part.context == "server":
        yield from _to_clients(part, target)
    elif part.context == "location":
        for name in _PASSES:
            for said in part.said.get(name, ()):
                yield from _to_backends(part, said, whole, target)


def _to_clients(server: Part, target: Target) -> Iterator[_Fact]:
    yield "requests on one connection of a client", f"at most {server.value('keepalive_requests', target)}", server.at
    protocols = server.effective("ssl_protocols", target)
    for listen in server.said["listen"]:
        words = listen.text.split(" ")
        address = listen.name.removeprefix("listen ")
        if "ssl" in words:
            yield f"TLS on {address}", " ".join(sorted(protocols[-1].text.split(" "))), listen.at
        yield f"HTTP/2 on {address}", "spoken" if "http2" in words else "not spoken", listen.at


def _to_backends(location: Part, passed: Item, whole: Part, target: Target) -> Iterator[_Fact]:
    name, url = passed.name, passed.text
    is_http = name == "proxy_pass"
    version = (location.value("proxy_http_version", target) or "1.0") if is_http else ""
    connection = _connection_header(location, version, target) if is_http else None
    if is_http:
        yield f"requests to {url}", f"HTTP/{version}", passed.at
        yield f"Connection header to {url}", connection or "none", passed.at
        if url.startswith("https:"):
            protocols = location.effective("proxy_ssl_protocols", target)
            yield f"TLS to {url}", " ".join(sorted(protocols[-1].text.split(" "))), passed.at
    group = _group(url, whole)
    if group is not None:
        is_kept = _may_be_kept(name, version, connection, location, target)
        yield f"connections to {url}", _kept(group, target) if is_kept else _EACH, passed.at


def _connection_header(location: Part, version: str, target: Target) -> str | None:
    """What goes to the backend; None when nginx sends none."""
    headers = location.effective("proxy_set_header", target)
    held = [one for one in headers if one.key == "proxy_set_header connection"]
    if not held or held[-1].value == ("",) or (held[-1].is_default and version == "2"):
        return None
    return held[-1].text


def _may_be_kept(name: str, version: str, connection: str | None, location: Part, target: Target) -> bool:
    if name == "fastcgi_pass":
        return location.value("fastcgi_keep_conn", target) == "on"
    return name != "proxy_pass" or (version != "1.0" and (connection or "").lower() != "close")


def _group(url: str, whole: Part) -> Part | None:
    """The group that requests are passed to; None when it is an address, or a variable decides."""
    host = (pass_host(url) or "").lower()
    http = (part for one in whole.children for part in (one, *one.children) if part.kind == "http")
    groups = (one for part in http for one in part.children if one.kind == "upstream")
    return next((one for one in groups if one.label.removeprefix("upstream ").lower() == host), None)


def _kept(group: Part, target: Target) -> str:
    words = (group.value("keepalive", target) or "0").split(" ")
    if words[0] == "0":
        return _EACH
    whose = "for this location alone" if "local" in words else "shared by the group's locations"
    return f"up to {words[0]} idle ones kept by each worker process, {whose}"
