"""The nginx binary is another one while ``up`` runs, as after an upgrade of the package: the next change follows it."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary, bundled_path, examine
from support.load import Load
from support.running import free_port, wait_until
from support.supervised import Supervised, cluster, supervised


@pytest.fixture
def other(nginx: NginxBinary) -> NginxBinary:
    """The one of the two that is not `nginx`."""
    system = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
    found = [examine(one) for one in (system, bundled_path()) if one]
    others = [one for one in found if one.target.lowest != nginx.target.lowest]
    if not others:
        pytest.skip("there is only one version of nginx on this machine")
    return others[0]


@pytest.fixture
def installed(nginx: NginxBinary, tmp_path: Path) -> Path:
    """Where the binary lies that `up` is started with."""
    made = tmp_path / "sbin" / "nginx"
    made.parent.mkdir()
    install(nginx.path, made)
    return made


def install(binary: str, place: Path) -> None:
    """Put a binary in the place of another, as package managers do."""
    shutil.copy2(binary, place.with_name("new"))
    os.replace(place.with_name("new"), place)


def version(up: Supervised) -> str:
    return str(up.status()["nginx"]["version"])


def test_another_binary_is_followed_and_nothing_is_lost(
    nginx: NginxBinary, other: NginxBinary, installed: Path, tmp_path: Path
) -> None:
    port = free_port()
    used = nginx._replace(path=str(installed))
    first, second = str(nginx.target.lowest), str(other.target.lowest)
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), used) as up, Load(port) as load:
        load.wait_for(3)
        assert version(up) == first
        before = up.pids()
        install(other.path, installed)
        done = up.ask("reload")
        assert done.code == 0, done.err
        up.wait_for(f"nginx {first} was replaced by nginx {second} ({installed})")
        assert version(up) == second
        load.wait_for(3)
        install(nginx.path, installed)
        up.process.send_signal(signal.SIGHUP)
        up.wait_for(f"nginx {second} was replaced by nginx {first}")
        load.wait_for(3)
        install(other.path, installed)
        up.edit('path = "/"', 'path = "/"\nadd_header = { X-New = "1" }')
        up.wait_for(f"nginx {first} was replaced by nginx {second}", 2)
        up.wait_for("cluster.toml changed: serves after")
        load.wait_for(3)
        assert load.failed == {}
        assert up.pids() == before, "no worker is touched"
        wait_until(lambda: len(up.mains()) == 1, "the main processes of before have ended")
        assert up.end() == 130
        wait_until(lambda: not up.left(), "nothing is left")


def test_a_binary_is_followed_when_nginx_has_died(
    nginx: NginxBinary, other: NginxBinary, installed: Path, tmp_path: Path
) -> None:
    port = free_port()
    used = nginx._replace(path=str(installed))
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), used) as up:
        install(other.path, installed)
        os.kill(up.status()["nginx"]["pid"], signal.SIGKILL)
        up.wait_for("serves again after")
        assert version(up) == str(other.target.lowest)
        up.get()


BROKEN = {
    "gone": (None, "does not exist"),
    "no nginx": ("#!/bin/sh\necho hello\n", "is no nginx: it does not print a version of nginx"),
    "not a program": ("hello", "cannot be run: Exec format error"),
    "refusing": (
        '#!/bin/sh\ncase "$*" in *-V*|*-t*) exec {nginx} "$@" ;; esac\n'
        "echo 'nginx: [emerg] this build does not start' >&2\nexit 1\n",
        "this build does not start",
    ),
}


@pytest.mark.parametrize(("script", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_binary_changes_nothing(
    script: str | None, reason: str, nginx: NginxBinary, installed: Path, tmp_path: Path
) -> None:
    port = free_port()
    used = nginx._replace(path=str(installed))
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), used) as up, Load(port) as load:
        before = up.status()["nginx"]
        if script is None:
            installed.unlink()
        else:
            installed.with_name("new").write_text(script.replace("{nginx}", nginx.path))
            installed.with_name("new").chmod(0o755)
            os.replace(installed.with_name("new"), installed)
        done = up.ask("reload")
        assert done.code != 0
        assert reason in done.err
        up.wait_for("what served before goes on")
        after = up.status()["nginx"]
        assert (after["pid"], after["version"]) == (before["pid"], before["version"])
        load.wait_for(3)
        install(nginx.path, installed)
        done = up.ask("reload")
        assert done.code == 0, done.err
        load.wait_for(3)
        assert load.failed == {}
        assert up.status()["nginx"]["pid"] != before["pid"]
