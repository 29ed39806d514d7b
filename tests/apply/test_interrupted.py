"""Killed, interrupted, two at once: the file is whole, and the next apply goes on."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import select
import signal
import subprocess
import sys
import time

import pytest

from nginxgen.apply.install import Folder
from nginxgen.errors import Unavailable
from support.command import console_script, environment, nginxgen
from support.installed import Host
from support.running import DEADLINE, wait_until, written

pytestmark = pytest.mark.nginx

KILLED = """
import os, signal, psutil
moment, is_after = {moment!r}, {is_after!r}
def deadly(function):
    def wrapped(*args, **more):
        global moment
        moment -= 1
        if moment == 0 and not is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = function(*args, **more)
        if moment == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    return wrapped
os.replace = deadly(os.replace)
signalling = psutil.Process.send_signal
psutil.Process.send_signal = lambda self, number: (deadly(signalling) if number else signalling)(self, number)
from nginxgen.__main__ import main
main()
"""
MOMENTS = 6
"""Candidate, journal, backup and file are put in their places, the signal is sent, the journal is written again."""


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("moment", range(1, MOMENTS + 1))
def test_killed_at_every_step(host: Host, moment: int, is_after: bool) -> None:
    old = host.conf.read_text()
    host.says("new")
    script = KILLED.format(moment=moment, is_after=is_after)
    killed = nginxgen(*host.words("--yes"), cwd=host.folder, command=[sys.executable, "-c", script])
    assert killed.code == -signal.SIGKILL, killed
    assert host.conf.read_text() in (old, host.rendered)
    done = host.apply()
    assert done.code == 0, done.err
    assert (host.conf.read_text(), host.get()) == (host.rendered, "new")
    assert json.loads((host.folder / ".nginx.conf.journal").read_text())["state"] == "proven"


def test_killed_at_any_moment(host: Host) -> None:
    host.says("first")
    began = time.monotonic()
    assert host.apply().code == 0
    duration = time.monotonic() - began
    chance = random.Random(1)
    for number in range(10):
        before = host.conf.read_text()
        host.says(f"word{number}")
        command = [console_script(), *map(str, host.words("--yes"))]
        process = subprocess.Popen(
            command, cwd=host.folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(chance.uniform(duration / 3, duration))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert host.conf.read_text() in (before, host.rendered)
        assert host.apply().code == 0
        assert (host.conf.read_text(), host.get()) == (host.rendered, f"word{number}")


def test_another_text_after_a_killed_apply(host: Host) -> None:
    host.says("new")
    script = KILLED.format(moment=5, is_after=True)
    assert nginxgen(*host.words("--yes"), cwd=host.folder, command=[sys.executable, "-c", script]).code == -9
    host.says("newer")
    assert host.apply().code == 0
    assert host.get() == "newer"


def test_ctrl_c_leaves_a_whole_file(host: Host) -> None:
    host.says("new")
    script = (
        "import time\nimport nginxgen.apply.sequence as sequence\n"
        "sequence.reload = lambda master: time.sleep(60)\n"
        "from nginxgen.__main__ import main\nmain()"
    )
    command = [sys.executable, "-c", script, *map(str, host.words("--yes"))]
    process = subprocess.Popen(command, cwd=host.folder, env=environment(), stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: host.conf.read_text() == host.rendered, "the file is installed")
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 130
    finally:
        process.kill()
        process.wait()
    assert host.conf.read_text() == host.rendered
    assert host.apply().code == 0
    assert host.get() == "new"


def test_two_at_once(host: Host) -> None:
    processes = []
    try:
        for word in ("one", "two"):
            host.says(word)
            host.toml.rename(host.folder / f"{word}.toml")
            command = [console_script(), "apply", f"{word}.toml", "--to", str(host.conf), "--yes"]
            processes.append(subprocess.Popen(command, cwd=host.folder, env=environment(), stdout=subprocess.DEVNULL))
        assert [process.wait(DEADLINE) for process in processes] == [0, 0]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert f"return 200 {host.get()};" in host.conf.read_text()


def test_the_second_waits_for_the_first(host: Host) -> None:
    host.says("new")
    lock = host.folder / ".nginx.conf.lock"
    with lock.open("w") as file:
        file.write("4711\n")
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        errors = host.folder / "errors"
        with errors.open("w") as stderr:
            command = [console_script(), *map(str, host.words("--yes"))]
            process = subprocess.Popen(
                command, cwd=host.folder, env=environment(), stderr=stderr, stdout=subprocess.DEVNULL
            )
        try:
            said = f"waiting for another apply to {host.conf} (process 4711)\n"
            wait_until(lambda: written(errors) == said, "it says that it waits")
            assert host.get() == "old"
            fcntl.flock(file, fcntl.LOCK_UN)
            assert process.wait(DEADLINE) == 0
        finally:
            process.kill()
            process.wait()
    assert host.get() == "new"
    assert lock.read_text() == f"{process.pid}\n"


def test_the_second_does_not_wait_for_ever(host: Host) -> None:
    folder = Folder(host.conf)
    told: list[str] = []
    said = rf"\(process {os.getpid()}\) has not ended within 0 s"
    with folder.locked(told.append), pytest.raises(Unavailable, match=said):
        Folder(host.conf).locked(told.append, limit=0.05).__enter__()
    assert len(told) == 1


@pytest.mark.parametrize(("answer", "code", "word"), [("y\n", 0, "new"), ("\n", 1, "old"), ("n\n", 1, "old")])
def test_on_a_terminal_one_is_asked(host: Host, answer: str, code: int, word: str) -> None:
    host.says("new")
    screen, line = pty.openpty()
    command = [console_script(), *map(str, host.words())]
    process = subprocess.Popen(command, cwd=host.folder, env=environment(), stdin=line, stdout=line, stderr=line)
    os.close(line)
    try:
        shown = ""
        while "[y/N] " not in shown:
            assert select.select([screen], [], [], DEADLINE)[0], shown
            shown += os.read(screen, 65536).decode()
        assert "~ return: 200 old → 200 new" in shown
        assert host.get() == "old"
        os.write(screen, answer.encode())
        while process.poll() is None:
            if select.select([screen], [], [], 0.05)[0]:
                try:
                    shown += os.read(screen, 65536).decode()
                except OSError:
                    break
        assert process.wait(DEADLINE) == code
    finally:
        process.kill()
        process.wait()
        os.close(screen)
    assert host.get() == word
