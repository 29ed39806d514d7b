"""The console script as people and programs run it: a real process, its streams apart, on a terminal or not."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from support.running import DEADLINE

HELLO = """\
[upstream.app]
servers = ["127.0.0.1:8001"]

[[server]]
listen = [8080]

[[server.location]]
path = "/"
upstream = "app"
"""
"""The least that proxies."""


def console_script() -> str:
    """The ``nginxgen`` that stands beside the Python that runs the tests."""
    found = shutil.which("nginxgen", path=str(Path(sys.executable).parent))
    assert found, "nginxgen is not installed beside this Python"
    return found


def environment(**changes: str) -> dict[str, str]:
    """Ours, without what would change how nginxgen behaves."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("NGINXGEN_", "_NGINXGEN", "COMP_"))}
    for name in ("NO_COLOR", "FORCE_COLOR", "PYTHONWARNINGS", "SHELL"):
        ours.pop(name, None)
    return {**ours, "COLUMNS": "100", **changes}


@dataclass
class Done:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What ``--format json`` wrote to stderr, all of it."""
        found: list[dict[str, Any]] = json.loads(self.err)
        return found


def nginxgen(
    *words: str | Path,
    stdin: str | bytes = b"",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    command: Sequence[str] | None = None,
) -> Done:
    """Run the console script, or another command in its place, with pipes on all three streams."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [*(command or [console_script()]), *map(str, words)],
        input=given,
        capture_output=True,
        cwd=cwd,
        env=environment(**(env or {})),
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


class Terminal:
    """A terminal on which a command writes stderr, and stdout too unless that is piped."""

    def __init__(self, process: subprocess.Popen[bytes], screen: int, out: IO[bytes]) -> None:
        self.process = process
        self.screen = screen
        self.out = out
        self.shown = ""

    def read_until(self, wanted: Callable[[str], bool]) -> None:
        """Read what is shown until it is as wanted, or the command has closed the terminal."""
        end = time.monotonic() + DEADLINE
        while not wanted(self.shown):
            assert time.monotonic() < end, f"the terminal shows only {self.shown!r}"
            if not select.select([self.screen], [], [], 1)[0]:
                continue
            try:
                data = os.read(self.screen, 65536)
            except OSError:  # Linux says EIO when nobody has the terminal open any more
                return
            if not data:
                return
            self.shown += data.decode()

    def finish(self, stdin: bytes = b"") -> Done:
        """Give the command its input, and wait for its end."""
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(stdin)
            self.process.stdin.close()
        self.read_until(lambda shown: False)
        code = self.process.wait(DEADLINE)
        self.out.seek(0)
        return Done(code, self.out.read().decode(), self.shown)


@contextlib.contextmanager
def on_terminal(
    *words: str | Path, piped: bool = True, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Run the console script with stderr on a terminal; stdout goes to a file, or there too."""
    with tempfile.TemporaryFile() as out:
        screen, line = pty.openpty()
        process = subprocess.Popen(
            [console_script(), *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=out if piped else line,
            stderr=line,
            cwd=cwd,
            env=environment(TERM="xterm", **(env or {})),
        )
        os.close(line)
        try:
            yield Terminal(process, screen, out)
        finally:
            process.kill()
            process.wait()
            assert process.stdin
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            os.close(screen)
