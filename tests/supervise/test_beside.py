"""While nginx is asked about an edit, which may take long, everything else goes on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from support.running import free_port, wait_until
from support.supervised import cluster, supervised


@pytest.fixture
def slow(nginx: NginxBinary, tmp_path: Path) -> NginxBinary:
    """An nginx that takes its time to judge a text: for as long as there is a file ``hold`` beside it."""
    made = tmp_path / "slow-nginx"
    wait = f'while [ -e "{tmp_path}/hold" ]; do touch "{tmp_path}/asked"; sleep 0.02; done'
    made.write_text(f'#!/bin/sh\ncase " $* " in *" -t "*) {wait} ;; esac\nexec "{nginx.path}" "$@"\n')
    made.chmod(0o755)
    return nginx._replace(path=str(made))


def test_workers_come_back_and_commands_are_answered(slow: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    hold = tmp_path / "hold"
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), slow) as up:
        try:
            hold.touch()
            up.edit('path = "/"', 'path = "/"\nadd_header = { X-New = "1" }')
            wait_until((tmp_path / "asked").exists, "nginx is asked")
            os.kill(up.pids()[0], signal.SIGKILL)
            up.wait_for("is back")
            os.kill(up.status()["nginx"]["pid"], signal.SIGKILL)
            up.wait_for("serves again after")
            assert "changed: serves after" not in up.said()
        finally:
            hold.unlink()
        up.wait_for("cluster.toml changed: serves after")
        up.get()


def test_edits_that_come_meanwhile_are_followed_one_after_the_other(slow: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    hold = tmp_path / "hold"
    with supervised(tmp_path, port, cluster(port, "fd", "{fd}"), slow) as up:
        before = up.status()["nginx"]["generation"]
        try:
            hold.touch()
            up.process.send_signal(signal.SIGHUP)
            wait_until((tmp_path / "asked").exists, "nginx is asked")
            up.edit("count = 2", "count = 3")
        finally:
            hold.unlink()
        up.wait_for("told to reload: serves after")
        up.wait_for("cluster.toml changed: serves after")
        assert len(up.pids()) == 3
        assert up.status()["nginx"]["generation"] != before
