"""What a new configuration would take away from those who are served now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from glob import glob
from pathlib import Path as FilePath

from nginxgen.apply.listeners import addresses_of, is_covered
from nginxgen.diagnostic import Diagnostic, error
from nginxgen.live.sockets import Address
from nginxgen.model.addresses import pass_host
from nginxgen.model.cluster import Cluster
from nginxgen.model.codec import codecs
from nginxgen.model.location import Location
from nginxgen.model.server import Server
from nginxgen.model.upstream import Upstream
from nginxgen.source import Path

_HELP = "with --force it is done all the same"
_MOST = 10
_SERVES = re.compile(r"^\s*(?:server|upstream)\b", re.MULTILINE)


def find_dangers(
    installed: Cluster | None, new: Cluster, served: set[Address], folder: FilePath
) -> Iterator[Diagnostic]:
    """What is better not done by mistake.

    Args:
        installed: what was installed until now, None when that is not known.
        new: what is to be installed.
        served: the addresses on which somebody was served until now.
        folder: where the file is, from which includes are found.
    """
    addresses = addresses_of(new)
    for pattern in _hidden_servers(installed, new, folder):
        yield error("NG043", f"what {pattern} holds would be gone: servers or upstreams stand there", None, _HELP)
    if not new.server and (served or (installed and installed.server)):
        yield error("NG043", "no server is left: nothing would be served any more", None, _HELP)
        return
    gone = sorted(one for one in served if not is_covered(one, set(addresses)))
    for address in gone[:_MOST]:
        yield error("NG043", f"nothing would listen on {address} any more", None, _HELP)
    if len(gone) > _MOST:
        yield error("NG043", f"and on {len(gone) - _MOST} more addresses", None, _HELP)
    used = {name.lower() for name in _passed_to(new)}
    for name, group in new.upstream.items():
        before = installed.upstream.get(name) if installed else None
        if before is not None and _answers(before) and not _answers(group) and name.lower() in used:
            where: Path = ("upstream", name)
            yield error(
                "NG043", f'upstream "{name}" is used, and no server of it would be left', where, _HELP, key=True
            )


def _hidden_servers(installed: Cluster | None, new: Cluster, folder: FilePath) -> Iterator[str]:
    """What was included until now and is no more, where servers or groups stand in it."""
    if installed is None:
        return
    now = set(_includes(new))
    for pattern in _includes(installed):
        if pattern not in now and any(_SERVES.search(_text(name)) for name in glob(str(folder / pattern))):
            yield pattern


def _includes(explicit: Cluster) -> Iterator[str]:
    for block in (explicit.nginx, explicit.http):
        yield from block.include
        yield from (one.args[0] for one in block.directives if one.name == "include" and one.args)


def _text(name: str) -> str:
    try:
        return FilePath(name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _answers(group: Upstream) -> bool:
    """Whether a server of a group takes requests; one that comes from elsewhere is believed to."""
    return any(not one.down for one in group.servers) or any(one.name == "include" for one in group.directives)


def _passed_to(explicit: Cluster) -> Iterator[str]:
    """The hosts, and so the groups, that requests are passed to; every group, where variables decide."""
    for server in explicit.server:
        for url in _passes(server, server.location):
            host = pass_host(url)
            yield from [host] if host is not None else explicit.upstream


def _passes(block: Server | Location, inner: Iterable[Location]) -> Iterator[str]:
    for field, codec in codecs(type(block)).items():
        if field.endswith("_pass") and field in block.said():
            yield from (one.args[0] for one in codec.write(block.said()[field]))
    waiting = list(block.directives)
    while waiting:
        one = waiting.pop()
        waiting += one.block or ()
        if one.name.endswith("_pass") and one.args:
            yield one.args[0]
    for location in inner:
        yield from _passes(location, location.location)
