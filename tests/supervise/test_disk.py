"""A disk that is full, or takes nothing: told with the path, nothing half-written, and what served before goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from support.command import HELLO, nginxgen
from support.disk import Disk, small_disk
from support.load import Load
from support.running import free_port
from support.supervised import cluster, started, supervised

FULL = "No space left on device"


@pytest.fixture
def disk() -> Iterator[Disk]:
    with small_disk() as made:
        yield made


def test_an_edit_on_a_full_disk_changes_nothing(disk: Disk, nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    run = disk.path / "run"
    text = cluster(port, "fd", "{fd}")
    with supervised(tmp_path, port, text, nginx, "--run", str(run)) as up, Load(port) as load:
        up.run = run
        before = up.status(run)["nginx"]
        files = {path.name: path.read_bytes() for path in run.glob("nginx-*.conf")}
        assert files
        disk.fill()
        up.edit('path = "/"', 'path = "/"\nadd_header = { X-New = "1" }')
        up.wait_for(f"what served before goes on: no temporary file can be written ({run}): {FULL}")
        assert up.status(run)["nginx"] == before
        load.wait_for(3)
        # Workers need no disk.
        os.kill(up.status(run)["groups"]["app"]["workers"][0]["pid"], signal.SIGKILL)
        up.wait_for("is back")
        disk.empty()
        assert {path.name: path.read_bytes() for path in run.glob("nginx-*.conf")} == files
        assert not list(run.glob("*nginxgen-*")), "no temporary file is left"
        done = up.ask("reload", "--run", str(run))
        assert done.code == 0, done.err
        assert up.status(run)["nginx"]["generation"] != before["generation"]
        load.wait_for(3)
        assert load.failed == {}


def test_scaling_that_nginx_cannot_be_told_of_is_taken_back(disk: Disk, nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    run = disk.path / "run"
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx, "--run", str(run)) as up:
        before = up.status(run)["groups"]["app"]["workers"]
        disk.fill()
        for count in ("3", "1"):
            done = nginxgen("scale", "app", count, up.file, "--run", run)
            assert done.code == 1
            assert FULL in done.err
            after = up.status(run)["groups"]["app"]["workers"]
            assert [one["pid"] for one in after] == [one["pid"] for one in before]
        disk.empty()
        assert nginxgen("scale", "app", "1", up.file, "--run", run).code == 0
        assert len(up.status(run)["groups"]["app"]["workers"]) == 1
        up.get()


def test_nginx_is_started_again_once_there_is_space(disk: Disk, nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    run = disk.path / "run"
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), nginx, "--run", str(run)) as up:
        up.run = run
        disk.fill()
        os.kill(up.status(run)["nginx"]["pid"], signal.SIGKILL)
        up.wait_for("nginx: cannot be started again")
        assert FULL in up.said()
        up.get()  # its workers live on
        disk.empty()
        up.wait_for("serves again after")
        up.get()


def test_a_start_on_a_full_disk(disk: Disk, nginx: NginxBinary, tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text(cluster(free_port(), "fd", "{fd}"))
    disk.fill()
    done = nginxgen("up", tmp_path / "cluster.toml", "--nginx", nginx.path, "--run", disk.path / "run")
    assert done.code == 4
    assert f"{disk.path}/run/pid cannot be written: {FULL}" in done.err
    disk.empty()


@pytest.mark.parametrize("exists", [True, False])
def test_a_start_on_a_disk_that_takes_nothing(exists: bool, disk: Disk, nginx: NginxBinary, tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text(cluster(free_port(), "fd", "{fd}"))
    if exists:
        (disk.path / "run").mkdir(mode=0o711)
    disk.close()
    done = nginxgen("up", tmp_path / "cluster.toml", "--nginx", nginx.path, "--run", disk.path / "run")
    assert done.code == 4
    wanted = "run/pid cannot be written" if exists else "run cannot be made"
    assert f"{disk.path}/{wanted}: Read-only file system" in done.err


def test_a_clusters_own_folder_may_be_read_only(disk: Disk, nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    (disk.path / "cluster.toml").write_text(cluster(port, "fd", "{fd}"))
    disk.close()
    (tmp_path / "cluster.toml").symlink_to(disk.path / "cluster.toml")
    with started(tmp_path, port, nginx) as up:
        up.get()
        assert up.end() == 130


def test_a_text_that_finds_no_space_leaves_the_one_of_before(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text(HELLO)
    target = disk.path / "nginx.conf"
    assert nginxgen("render", tmp_path / "cluster.toml", "-o", target).code == 0
    before = target.read_bytes()
    (tmp_path / "cluster.toml").write_text(HELLO.replace("8080", "8081"))
    disk.fill()
    done = nginxgen("render", tmp_path / "cluster.toml", "-o", target)
    assert done.code == 4
    assert f"{target} cannot be written: {FULL}" in done.err
    disk.empty()
    assert {path.name: path.read_bytes() for path in disk.path.iterdir()} == {"nginx.conf": before}
    assert nginxgen("render", tmp_path / "cluster.toml", "-o", target).code == 0
    assert target.read_bytes() != before
