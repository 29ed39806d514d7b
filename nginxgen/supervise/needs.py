"""What workers need of this machine, looked at before anything is started: program, folder, file, account."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator
from pathlib import Path

from nginxgen.diagnostic import Diagnostic, error, warning
from nginxgen.errors import Unavailable
from nginxgen.model.cluster import Cluster
from nginxgen.model.workers import Workers
from nginxgen.supervise.places import environment

CODE = "NG061"


def find_lacking(cluster: Cluster, base: Path) -> list[Diagnostic]:
    """What is not there.

    Args:
        cluster: whose workers are to be started here.
        base: the folder of its file.
    """
    return [
        one
        for name, upstream in cluster.upstream.items()
        if upstream.workers is not None
        for one in _of_workers(upstream.workers, ("upstream", name, "workers"), base)
    ]


def _of_workers(said: Workers, at: tuple[str, ...], base: Path) -> Iterator[Diagnostic]:
    folder = base / (said.cwd or ".")
    if not folder.is_dir():
        yield error(CODE, f"{folder} {'is no folder' if folder.exists() else 'does not exist'}", (*at, "cwd"))
    if said.user is not None:
        yield from _of_account(said.user, (*at, "user"))
    try:
        path = environment(said.env, said.env_file, base).get("PATH", os.defpath)
    except Unavailable as problem:
        yield error(CODE, str(problem), (*at, "env_file"))
        return
    program = said.command[0]
    if "{" in program or not folder.is_dir():
        return
    is_found = shutil.which(folder / program if "/" in program else program, path=path) is not None
    if not is_found:
        what = f"there is no program {folder / program}" if "/" in program else f"no folder of PATH has {program!r}"
        yield error(CODE, what, (*at, "command", 0), "install it, or write the path of one that can be executed")


def _of_account(name: str, at: tuple[str, ...]) -> Iterator[Diagnostic]:
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        yield error(CODE, f"there is no account {name!r} on this machine", at)
        return
    if os.geteuid() not in (0, account.pw_uid):
        yield warning(CODE, f"workers do not run as {name}: only root can start them under another account", at)
