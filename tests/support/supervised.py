"""A real ``nginxgen up`` for tests: started, waited for, asked, and ended with everything that it started."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from nginxgen.proof.binary import NginxBinary
from nginxgen.supervise import control
from nginxgen.supervise.folder import run_folder
from support.command import Done, console_script, environment, nginxgen
from support.running import Client, wait_until

BACKEND = Path(__file__).with_name("backend.py")


class Supervised:
    """One ``up`` under way."""

    def __init__(self, folder: Path, port: int, nginx: NginxBinary, words: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.port = port
        self.file = folder / "cluster.toml"
        self.log = folder / "up.log"
        self.run = run_folder(self.file)
        command = [console_script(), "up", str(self.file), "--log-format", "json"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--nginx", nginx.path, *words],
                stderr=log,
                stdout=log,
                stdin=subprocess.DEVNULL,
                env=environment(),
                cwd=folder,
                start_new_session=True,
            )
        self.seen: set[psutil.Process] = set()

    def said(self) -> str:
        """Everything it has printed by now; what it did last may be printed after it is answered: `wait_for` waits."""
        return self.log.read_text("utf-8", "replace")

    def messages(self, source: str = "nginxgen") -> list[str]:
        """What one source has said."""
        whole = self.said().rpartition("\n")[0]  # what comes after may be half a line
        lines = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
        return [one["message"] for one in lines if one["source"] == source]

    def wait_for(self, text: str, count: int = 1) -> None:
        """Wait until it has said something, so many times."""

        def is_said() -> bool:
            if self.process.poll() is not None and self.said().count(text) < count:
                raise AssertionError(f"up ended with {self.process.returncode}:\n{self.said()}")
            return self.said().count(text) >= count

        try:
            wait_until(is_said, f"{text!r} is said")
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{self.said()[-3000:]}") from None

    def ask(self, command: str, *words: str) -> Done:
        """Another command, which talks to this one."""
        return nginxgen(command, str(self.file), *words)

    def tell(self, command: str, run: Path | None = None, **parameters: Any) -> dict[str, Any]:
        """The same without a process of its own, which takes longer than most of what is asked for."""
        answer = control.ask((run or self.run) / "control.sock", command, **parameters)
        assert answer["ok"], answer
        return answer

    def status(self, run: Path | None = None) -> dict[str, Any]:
        """What ``status`` says; of another run folder, when one is named."""
        return self.tell("status", run)

    def pids(self, group: str = "app") -> list[int]:
        """The processes of a group's workers."""
        return [one["pid"] for one in self.workers(group)]

    def workers(self, group: str = "app") -> list[dict[str, Any]]:
        """What ``status`` says of a group's workers."""
        found: list[dict[str, Any]] = self.status()["groups"][group]["workers"]
        return found

    def edit(self, old: str, new: str) -> None:
        """Change the file as an editor does: another one takes its place."""
        text = self.file.read_text()
        assert old in text
        other = self.file.with_name(".cluster.toml.new")
        other.write_text(text.replace(old, new))
        os.replace(other, self.file)

    def get(self, path: str = "/") -> str:
        """The body of an answer."""
        with Client(self.port) as client:
            answer = client.get(path)
            assert answer.status == 200, answer
            return answer.body.decode()

    def family(self) -> set[psutil.Process]:
        """Every process that it has started, and those that these have."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self.seen |= set(psutil.Process(self.process.pid).children(recursive=True))
        return self.seen

    def mains(self) -> list[psutil.Process]:
        """The main processes of nginx that are there."""
        return [one for one in self.family() if title(one).startswith("nginx: master")]

    def left(self) -> set[psutil.Process]:
        """Those of its processes that are still there."""
        return {one for one in self.seen if _is_there(one)}

    def kill_left(self) -> None:
        """End what is still there."""
        for one in self.left():
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()

    def end(self) -> int:
        """Ctrl-C; the exit code."""
        self.family()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def title(process: psutil.Process) -> str:
    """A process's command line, which nginx's processes say what they are in; nothing when it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # a zombie is one of these
        return ""


def _is_there(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def supervised(folder: Path, port: int, text: str, nginx: NginxBinary, *words: str) -> Iterator[Supervised]:
    """An ``up`` that serves; all of its processes end with the block."""
    (folder / "cluster.toml").write_text(text)
    with started(folder, port, nginx, *words) as one:
        yield one


@contextlib.contextmanager
def started(folder: Path, port: int, nginx: NginxBinary, *words: str) -> Iterator[Supervised]:
    """The same for a cluster.toml that is there."""
    one = Supervised(folder, port, nginx, words)
    try:
        one.wait_for("edits are followed")
        one.family()
        yield one
    finally:
        one.family()
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.process.wait(20)
        one.process.kill()
        one.process.wait()
        one.kill_left()
        shutil.rmtree(one.run, ignore_errors=True)


def cluster(port: int, *words: str, count: int = 2, more: str = "", http: str = "") -> str:
    """A cluster of the well-mannered backend."""
    import sys

    command = json.dumps([sys.executable, str(BACKEND), *words])
    return f"""\
[http]
keepalive_timeout = {'"0"' if http == "" else http}

[upstream.app.workers]
command = {command}
count = {count}
ready = "/"
{more}

[[server]]
listen = ["127.0.0.1:{port}"]

[[server.location]]
path = "/"
upstream = "app"
"""
