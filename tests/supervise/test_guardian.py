"""The guardian: what it ends and removes for a supervisor that was killed, and what becomes of it when it is killed."""

from __future__ import annotations

import os
import pty
import signal
import socket
import sys
import time
from pathlib import Path

import psutil
import pytest

from nginxgen.proof.binary import NginxBinary
from support.command import console_script, environment
from support.running import DEADLINE, free_port, wait_until
from support.supervised import BACKEND, Supervised, cluster, supervised, title

STUBBORN = """\
import http.server, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
RUN_BACKEND = f"runpy.run_path({str(BACKEND)!r}, run_name='__main__')"


@pytest.fixture
def port() -> int:
    return free_port()


def guardians(up: Supervised) -> set[psutil.Process]:
    """The guardians that are there."""
    return {one for one in up.family() if "guardian.py" in title(one)}


def test_the_next_one_waits_until_everything_is_cleared(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    """A worker that ignores SIGTERM keeps the guardian busy, which must not remove what the next one has made."""
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    text = cluster(port, "fd", "{fd}", count=1)
    command = text[text.index("command") : text.index("\ncount")]
    text = text.replace(command, f'command = ["{sys.executable}", "stubborn.py", "{{port}}"]')
    with supervised(tmp_path, port, text, nginx) as up:
        (guardian,) = guardians(up)
        up.process.send_signal(signal.SIGKILL)
        up.process.wait()
        assert title(guardian)
        with supervised(tmp_path, port, text, nginx) as again:
            assert not title(guardian)
            wait_until(lambda: not up.left(), "nothing is left of the first")
            again.edit('path = "/"', 'path = "/"\nadd_header = { X-New = "1" }')
            again.wait_for("serves after")
            assert again.end() == 130


def test_a_guardian_that_was_killed_is_followed_by_another(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up:
        (first,) = guardians(up)
        first.kill()
        wait_until(lambda: guardians(up) - {first}, "there is another")
        assert up.status()["pid"] == up.process.pid, "which was told everything before this is answered"
        up.get()
        up.process.send_signal(signal.SIGKILL)
        up.process.wait()
        wait_until(lambda: not up.left(), "it knows what the first one knew")
        wait_until(lambda: not up.run.exists(), "no file is left")


def test_nothing_is_left_when_both_are_killed(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up:
        (guardian,) = guardians(up)
        up.process.send_signal(signal.SIGSTOP)  # so that it starts no other one
        guardian.kill()
        up.process.send_signal(signal.SIGKILL)
        up.process.wait()
        wait_until(lambda: not up.left(), "nginx and the workers end by themselves")
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx) as up:
        up.get()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_what_left_its_group_ends_too(number: signal.Signals, port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    """A worker may start something in a session of its own, as daemons do."""
    daemon = (
        f"import subprocess, runpy, sys; subprocess.Popen(['sleep', '1000'], start_new_session=True); {RUN_BACKEND}"
    )
    (tmp_path / "daemon.py").write_text(daemon)
    text = cluster(port, "fd", "{fd}", count=1)
    command = text[text.index("command") : text.index("\ncount")]
    text = text.replace(command, f'command = ["{sys.executable}", "daemon.py", "fd", "{{fd}}"]')
    with supervised(tmp_path, port, text, nginx) as up:
        strays = {one for one in up.family() if title(one) == "sleep 1000"}
        assert len(strays) == 1
        up.process.send_signal(number)
        up.process.wait(30)
        wait_until(lambda: not any(map(title, strays)), "it has ended")


def test_the_end_of_its_terminal_is_its_own(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text(cluster(port, "fd", "{fd}"))
    pid, screen = pty.fork()
    if pid == 0:
        words = [console_script(), "up", str(file), "--nginx", nginx.path]
        os.execve(words[0], words, dict(environment(TERM="xterm")))
    shown = b""
    try:
        while b"edits are followed" not in shown:
            shown += os.read(screen, 4096)
        up = psutil.Process(pid)
        family = up.children(recursive=True)
        up.send_signal(signal.SIGHUP)
        while b"told to reload: serves after" not in shown:
            shown += os.read(screen, 4096)
    finally:
        os.close(screen)
    until = time.monotonic() + DEADLINE
    while (ended := os.waitpid(pid, os.WNOHANG)) == (0, 0):
        assert time.monotonic() < until, "it ends with its terminal"
        time.sleep(0.01)
    assert os.waitstatus_to_exitcode(ended[1]) == 128 + signal.SIGHUP
    assert psutil.wait_procs(family, timeout=DEADLINE)[1] == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)
