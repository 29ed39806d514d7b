"""Workers that run and do not work: they are found out, replaced one by one, and ever more slowly."""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from nginxgen.proof.binary import NginxBinary
from support.load import Load
from support.running import free_port, wait_until
from support.supervised import Supervised, cluster, supervised

ALIVE = 'grace = "500ms"\nalive = { path = "/", interval = "100ms", timeout = "1s", fall = 2 }'

# /health is wrong from the start, or once it was told so; everything else works.
SICK = """\
import http.server, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    sick = "always" in sys.argv
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/sicken":
            Handler.sick = True
        body = str(os.getpid()).encode()
        self.send_response(500 if self.path == "/health" and Handler.sick else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass

if "once" in sys.argv:
    os.open("started", os.O_CREAT | os.O_EXCL)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def sick_cluster(folder: Path, port: int, *words: str, count: int = 1, more: str = "") -> str:
    """A cluster of workers whose health can be spoilt."""
    (folder / "sick.py").write_text(SICK)
    alive = 'alive = { path = "/health", interval = "50ms", timeout = "5s", fall = 2 }\n'
    text = cluster(port, count=count, more=alive + more)
    command = text[text.index("command") : text.index("\ncount")]
    return text.replace(command, f"command = {json.dumps([sys.executable, 'sick.py', '{port}', *words])}")


def worker(up: Supervised, index: int = 0) -> dict[str, object]:
    found: dict[str, object] = up.status()["groups"]["app"]["workers"][index]
    return found


@pytest.mark.parametrize("words", [("fd", "{fd}"), ("port", "{port}")], ids=["held", "port"])
def test_a_worker_that_hangs_is_replaced(words: tuple[str, ...], nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    with supervised(tmp_path, port, cluster(port, *words, more=ALIVE), nginx) as up, Load(port) as load:
        load.wait_for(3)
        hung, other = map(psutil.Process, up.pids())
        os.kill(hung.pid, signal.SIGSTOP)
        up.wait_for("was replaced")
        now = worker(up)
        assert (now["state"], now["restarts"]) == ("ready", 1)
        assert now["last_restart"] == "did not work: no answer within 1 s"
        assert now["pid"] != hung.pid
        assert up.pids()[1] == other.pid, "the other one is left alone"
        wait_until(lambda: not hung.is_running(), "the one that hung has ended")
        load.wait_for(3)
        assert load.failed == {}
        assert up.end() == 130
        wait_until(lambda: not up.left(), "nothing is left")


def test_a_worker_that_answers_badly_is_replaced(nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    with supervised(tmp_path, port, sick_cluster(tmp_path, port), nginx) as up:
        before = up.get("/sicken")
        up.wait_for("does not work: it answered 500; another one is to take its place")
        up.wait_for("was replaced")
        assert up.get("/x") != before
        assert worker(up)["last_restart"] == "did not work: it answered 500"


def test_workers_that_never_work_are_replaced_one_by_one_and_ever_more_slowly(
    nginx: NginxBinary, tmp_path: Path
) -> None:
    port = free_port()
    more = 'restart_delay = "400ms"\ncrashes = 3'
    with supervised(tmp_path, port, sick_cluster(tmp_path, port, "always", count=2, more=more), nginx) as up:
        with Load(port, expected=rb"\d+") as load:
            up.wait_for("the 4th time in a row")
            assert "the 3rd time in a row" in up.said()
            assert "the 2nd time in a row" not in up.said()
            load.wait_for(3)
            assert load.failed == {}
        lines = [json.loads(line) for line in up.said().splitlines()]
        said = ("does not work", "was replaced")  # what the programs say themselves stands among it
        told = [one for one in lines if one["source"].startswith("app.") and one["message"].startswith(said)]
        # Who is to be replaced has been, before anybody else's turn comes.
        steps = [(one["source"], "was replaced" in one["message"]) for one in told]
        assert all(one == (step[0], True) for step, one in pairwise(steps) if not step[1])
        begun = [
            datetime.fromisoformat(one["time"])
            for one in told
            if one["source"] == "app.0" and "does not work" in one["message"]
        ]
        waits = [(later - earlier).total_seconds() for earlier, later in pairwise(begun)]
        assert all(wait >= 0.8 * 0.4 * 2**number for number, wait in enumerate(waits)), waits


def test_who_cannot_be_replaced_goes_on(nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    with supervised(tmp_path, port, sick_cluster(tmp_path, port, "once"), nginx) as up:
        before = up.get("/sicken")
        up.wait_for("was not replaced: app.0 ended with exit code 1 before it was ready")
        assert up.get("/x") == before
        (tmp_path / "started").unlink()
        up.wait_for("was replaced")
        assert up.get("/x") != before


def test_a_probe_can_be_taken_back(nginx: NginxBinary, tmp_path: Path) -> None:
    port = free_port()
    with supervised(tmp_path, port, sick_cluster(tmp_path, port), nginx) as up:
        before = up.get()
        up.edit("alive =", "# alive =")
        up.wait_for("serves after")
        assert up.get("/sicken") == before
        up.edit("# alive =", "alive =")
        up.wait_for("was replaced")
        assert up.get("/x") != before
