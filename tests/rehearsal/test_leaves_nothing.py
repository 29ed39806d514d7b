"""What is left of a rehearsal when it ends, whatever ended it: no process, no folder, and no port that is taken."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from nginxgen.proof.binary import NginxBinary
from support.command import console_script, environment, nginxgen
from support.nobody import run_as_nobody
from support.running import DEADLINE, wait_until

WAITING = """
[upstream.slow]
servers = ["10.0.0.1:8080"]
[[server]]
listen = 80
[[server.location]]
path = "/"
upstream = "slow"
[[test]]
request = "http://slow.example.org/"
backend = { delay = "25s" }
status = 200
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for temporary files, which has to be empty in the end."""
    with tempfile.TemporaryDirectory(prefix="ng-") as name:
        yield Path(name)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_it_is_ended(nginx: NginxBinary, place: Path, number: signal.Signals) -> None:
    file = place / "cluster.toml"
    file.write_text(WAITING, encoding="utf-8")
    folder = place / "temporary"
    folder.mkdir()
    command = [console_script(), "test", str(file), "--nginx", nginx.path]
    process = subprocess.Popen(command, env=environment(TMPDIR=str(folder)), stderr=subprocess.PIPE)
    started: dict[int, psutil.Process] = {}

    try:
        wait_until(lambda: _workers(process.pid), "nginx runs")
        started = {one.pid: one for one in psutil.Process(process.pid).children(recursive=True)}
        os.kill(process.pid, number)
        code = process.wait(DEADLINE)
        assert code == (130 if number == signal.SIGINT else -number)
        wait_until(lambda: not any(map(_lives, started.values())), "every process has ended")
        wait_until(lambda: not list(folder.iterdir()), "the folder has gone")
    finally:
        process.kill()
        process.communicate()
        for one in started.values():
            if _lives(one):
                one.kill()


def test_a_company_that_is_killed_is_told_and_leaves_nothing(nginx: NginxBinary, place: Path) -> None:
    file = place / "cluster.toml"
    file.write_text(WAITING, encoding="utf-8")
    folder = place / "temporary"
    folder.mkdir()
    command = [console_script(), "test", str(file), "--nginx", nginx.path]
    process = subprocess.Popen(command, env=environment(TMPDIR=str(folder)), stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: _workers(process.pid), "nginx runs")
        started = psutil.Process(process.pid).children(recursive=True)
        psutil.Process(process.pid).children()[0].kill()
        _, said = process.communicate(timeout=DEADLINE)
        assert process.returncode == 4
        assert said == "error: the tests' process has ended: without a word\n"
        wait_until(lambda: not any(map(_lives, started)), "every process has ended")
        assert list(folder.iterdir()) == []
    finally:
        process.kill()
        process.communicate()


def _workers(pid: int) -> list[psutil.Process]:
    """nginx's workers below a process."""
    found = []
    for one in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "worker process" in " ".join(one.cmdline()):
                found.append(one)
    return found


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_nothing_is_left_when_it_passes_or_fails(nginx: NginxBinary, place: Path) -> None:
    file = place / "cluster.toml"
    file.write_text(WAITING.replace("25s", "1ms") + '[[test]]\nrequest = "http://a/"\nstatus = 404\n', encoding="utf-8")
    folder = place / "temporary"
    folder.mkdir()
    done = nginxgen("test", file, "--nginx", nginx.path, env={"TMPDIR": str(folder)})
    assert done.code == 1, done.err
    assert done.out.startswith("1 passed, 1 failed in ")
    assert list(folder.iterdir()) == []


REFUSALS = {
    "no namespaces": "echo 0 > /proc/sys/user/max_user_namespaces",
    "nothing is allowed in them": "mount -t tmpfs none /proc",
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_without_a_network_of_its_own_the_others_are_run(nginx: NginxBinary, place: Path, refusal: str) -> None:
    file = place / "cluster.toml"
    tests = '[[test]]\nrequest = "http://a/"\nfrom = "203.0.113.9"\nstatus = 200\n'
    file.write_text(WAITING.replace("25s", "1ms") + tests, encoding="utf-8")
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-e", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*inside, REFUSALS[refusal]], check=False).returncode:
        pytest.skip("this machine has no namespaces in which they could be refused")
    script = f'{REFUSALS[refusal]}; exec "$0" "$@"'
    done = nginxgen("test", file, "--nginx", nginx.path, command=[*inside, script, console_script()])
    assert done.code == 0, done.err
    assert done.out.startswith("1 passed, 1 not run in ")
    assert done.out.endswith(", on loopback addresses)\n")
    reason = {"no namespaces": "No space left on device"}.get(refusal, "No such file or directory")
    assert f"a network of its own, which this machine refuses ({reason})\n" in done.err


AS_NOBODY = """
import shutil, sys, tempfile
sys.path.insert(0, sys.argv[3])
from nginxgen.loading import read_files
from nginxgen.proof.asking import ask_nginx
from nginxgen.proof.binary import examine
from nginxgen.proven import render
from nginxgen.rehearsal import client, company, network, perform, stand_ins
from nginxgen.rehearsal.rehearse import rehearse
loaded, binary = read_files([sys.argv[1]]), examine(sys.argv[2])
rendered = render(loaded)
become_nobody()
sys.executable = sys.argv[4]
accepted = ask_nginx(rendered, binary)
for own in (True, False):
    print(rehearse(loaded.cluster.test, rendered, accepted, own_network=own).counts)
"""


def test_an_ordinary_user_can_do_it(nginx: NginxBinary, place: Path) -> None:
    file = place / "cluster.toml"
    file.write_text(WAITING.replace("25s", "1ms"), encoding="utf-8")
    python = "/usr/bin/python3"
    source = Path(__file__).parents[2]
    script = "import os, sys\nbecome_nobody()\nprint(os.access(sys.argv[1], os.X_OK), os.access(sys.argv[2], os.R_OK))"
    program = source / "nginxgen" / "rehearsal" / "perform.py"
    if run_as_nobody(script, python, program) != "True True\n" or not _is_as_new(python):
        pytest.skip("nobody can read the checkout and run a Python of 3.11 on this machine")
    if run_as_nobody("import os, sys\nbecome_nobody()\nprint(os.access(sys.argv[1], os.X_OK))", nginx.path) != "True\n":
        pytest.skip("nobody can run this nginx on this machine")
    said = run_as_nobody(AS_NOBODY, file, nginx.path, source, python)
    assert said == "1 passed\n1 passed\n"


def _is_as_new(python: str) -> bool:
    script = "import sys; print(sys.version_info >= (3, 11))"
    return subprocess.run([python, "-c", script], capture_output=True, text=True, check=False).stdout == "True\n"
