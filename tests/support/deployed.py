"""A deployment that ``nginxgen new`` has written, in a folder that every account may read, as nginx's workers must."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nginxgen.proof.binary import NginxBinary
from support.command import nginxgen
from support.running import free_port
from support.supervised import Supervised, supervised

NAME = "my-app"


@contextlib.contextmanager
def deployment(preset: str, *words: str) -> Iterator[Path]:
    """The folder of a new deployment."""
    with tempfile.TemporaryDirectory(prefix="nginxgen-test-") as name:
        above = Path(name)
        above.chmod(0o755)
        folder = above / NAME
        done = nginxgen("new", preset, folder, *words)
        assert done.code == 0, done.err
        yield folder


@contextlib.contextmanager
def deployed(preset: str, nginx: NginxBinary) -> Iterator[Supervised]:
    """A new deployment, started as its README.md says; on the loopback address and on ports of its own."""
    port = free_port()
    with deployment(preset, "--port", str(port)) as folder:
        text = (folder / "cluster.toml").read_text(encoding="utf-8")
        text = re.sub(
            rf"^listen = .*\b{port}\b.*$",
            lambda line: line[0].replace(str(port), f'"127.0.0.1:{port}"'),
            text,
            flags=re.M,
        )
        for first in ("3000", "3100"):
            text = text.replace(f"port = {first}\n", f"port = {free_port()}\n")
        with supervised(folder, port, text, nginx) as up:
            yield up


def need(program: str) -> str:
    """The path of a program that a preset needs; without it the test is skipped."""
    import sys

    import pytest

    if not (found := shutil.which(program, path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/usr/sbin")):
        pytest.skip(f"there is no {program} on this machine")
    return found
