"""Active health checks, which nginx itself has not: servers out of their groups, and back in them."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from nginxgen.proof.binary import NginxBinary
from support.running import free_port, wait_until
from support.supervised import Supervised, cluster, supervised


@pytest.fixture
def port() -> int:
    return free_port()


def test_health_checks_take_servers_out_and_back(port: int, nginx: NginxBinary, tmp_path: Path) -> None:
    fixed = free_port()
    text = cluster(port, "fd", "{fd}", count=1) + (
        f'[upstream.app]\nservers = ["127.0.0.1:{fixed}"]\n'
        'health = { path = "/", interval = "50ms", rise = 2, fall = 2, timeout = "1s" }\n'
    )

    def state(up: Supervised) -> str:
        (server,) = up.status()["groups"]["app"]["servers"]
        return str(server["state"])

    with supervised(tmp_path, port, text, nginx) as up:
        up.wait_for(f"127.0.0.1:{fixed} is down")
        assert state(up) == "down"
        with supervised_backend(fixed):
            up.wait_for(f"127.0.0.1:{fixed} answers again")
            wait_until(lambda: state(up) == "up", "it is up")
            wait_until(lambda: len({up.get().split()[0] for _ in range(6)}) == 2, "it gets requests again")
        up.wait_for(f"127.0.0.1:{fixed} is down", 2)
        up.get()


def test_what_health_checks_found_outlives_an_edit_and_goes_with_them(
    port: int, nginx: NginxBinary, tmp_path: Path
) -> None:
    """Asked by connections, without a path; workers are checked as other servers are, and never all taken out."""
    fixed = free_port()
    text = cluster(port, "fd", "{fd}", count=1) + (
        f'[upstream.app]\nservers = ["127.0.0.1:{fixed}"]\n'
        'health = { interval = "50ms", rise = 2, fall = 2, timeout = "1s" }\n'
    )
    marked = f"server 127.0.0.1:{fixed} max_fails=0 down;"

    def served(up: Supervised) -> str:
        return str(up.tell("text")["served"])

    with supervised(tmp_path, port, text, nginx) as up:
        wait_until(lambda: marked in served(up), "nginx knows")
        up.edit("count = 1", "count = 1\nready_timeout = 10")
        up.edit("rise = 2", "rise = 1")
        up.wait_for("serves after")
        assert marked in served(up)
        with supervised_backend(fixed):
            wait_until(lambda: marked not in served(up), "it is back after an edit too")
        wait_until(lambda: marked in served(up), "it is down again")
        up.edit("health =", "# health =")
        wait_until(lambda: marked not in served(up), "what is not checked is not marked")
        up.get()


class supervised_backend:  # noqa: N801
    """A backend that nobody supervises."""

    def __init__(self, port: int) -> None:
        import subprocess
        import sys

        from support.supervised import BACKEND

        self.process = subprocess.Popen([sys.executable, str(BACKEND), "port", str(port)])

    def __enter__(self) -> psutil.Popen:
        return self.process  # type: ignore[return-value]

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()
