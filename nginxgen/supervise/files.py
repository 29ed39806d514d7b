"""Files that a configuration names and nginx reads with it: certificates, keys, passwords, included texts.

Relative ones lie beside its configuration for nginx (``conf_prefix`` in ngx_conf_full_name, src/core/ngx_conf_file.c),
and beside the cluster's file for whoever wrote that.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from nginxgen.conf.tree import Directive, Statement
from nginxgen.model.block import Block, Role

_NAMES = re.compile(
    r"include|auth_basic_user_file|quic_host_key|(?:\w+_)?ssl_(?:certificate|certificate_key|client_certificate"
    r"|trusted_certificate|crl|dhparam|ech_file|password_file|session_ticket_key|stapling_file)"
)
_ELSEWHERE = re.compile(r"[/$]|data:|engine:|store:|off$")
"""How a value begins that is no relative path."""
_Block = TypeVar("_Block", bound=Block)
Stamp = tuple[str, int, int, int]


def with_absolute_files(block: _Block, base: Path) -> _Block:
    """A block, without those inside it, whose relative files count from a folder."""
    changes: dict[str, Any] = {}
    for field in type(block).fields.values():
        value = block.__dict__.get(field.name)
        if value and field.declared.role is Role.DIRECTIVE and _NAMES.fullmatch(field.word):
            changes[field.name] = _absolute(value, base)
        elif value and field.name == "directives":
            changes[field.name] = tuple(_of_directive(one, base) for one in value)
    return block.but(**changes) if changes else block


def _of_directive(one: Directive, base: Path) -> Directive:
    args = _absolute(one.args, base) if _NAMES.fullmatch(one.name) else one.args
    inner = None if one.block is None else tuple(_of_directive(each, base) for each in one.block)
    return Directive(one.name, args, inner)


def _absolute(value: Any, base: Path) -> Any:
    if isinstance(value, tuple):
        return tuple(_absolute(one, base) for one in value)
    return value if _ELSEWHERE.match(value) else f"{base}/{value}"


def stamps(tree: Iterable[Statement]) -> list[Stamp]:
    """What tells the files of a text from others that have taken their place since."""
    found = []
    for path in sorted({path for name in _named(tree) for path in glob.glob(name) or [name]}):
        try:
            status = os.stat(path)
        except OSError:
            continue
        found.append((path, status.st_mtime_ns, status.st_size, status.st_ino))
    return found


def _named(tree: Iterable[Statement]) -> Iterator[str]:
    for one in tree:
        if one.args and _NAMES.fullmatch(one.name):
            yield one.args[0]
        yield from _named(one.block or ())
