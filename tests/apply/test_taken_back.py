"""A reload that fails although ``nginx -t`` was content: the previous file is back, and why is told."""

from __future__ import annotations

import json
import socket
import sys

import pytest

from support.command import Done, nginxgen
from support.installed import SAYS, Host
from support.running import free_port

pytestmark = pytest.mark.nginx

LIMITED = """
[[http.limit_req_zone]]
zone = "clients:1m"
key = "KEY"
rate = "1000r/s"
[[server]]
listen = ["127.0.0.1:PORT"]
limit_req = [{ zone = "clients", burst = 100 }]
[[server.location]]
path = "/"
return = [200, "WORD"]
"""

LATE = (
    "import nginxgen.apply.trial as trial\n"
    "trial.why_not = lambda address: None\n"
    "from nginxgen.__main__ import main\nmain()"
)
"""The command, for which every address is free until nginx binds it."""


def apply_late(host: Host, *more: str) -> Done:
    return nginxgen(*host.words("--yes", *more), cwd=host.folder, command=[sys.executable, "-c", LATE])


def test_what_only_the_running_nginx_can_refuse(host: Host) -> None:
    # A zone keeps its memory over reloads, and with it its key.
    host.describe(LIMITED, KEY="$binary_remote_addr", WORD="one")
    assert host.apply().code == 0
    text, workers = host.conf.read_text(), host.serving()
    journal = (host.folder / ".nginx.conf.journal").read_text()
    host.describe(LIMITED, KEY="$http_x_client", WORD="two")
    refused = host.rendered
    done = host.apply()
    assert done.code == 1
    assert 'limit_req "clients" uses the "$http_x_client" key while previously it used' in done.err
    assert "--> cluster.toml:" in done.err
    assert "limit_req" in done.err.partition("--> cluster.toml:")[2]
    assert "error[NG045]: nginx (process " in done.err
    shown = ", ".join(map(str, sorted(workers)))
    assert f"the previous file is back, and the workers of before still serve (processes {shown})" in done.err
    assert (host.conf.read_text(), host.serving(), host.get()) == (text, workers, "one")
    assert (host.folder / "nginx.conf~").read_text() == refused
    assert (host.folder / ".nginx.conf.journal").read_text() == journal
    host.describe(LIMITED, KEY="$binary_remote_addr", WORD="one")
    assert "nothing to do" in host.apply().out


def test_an_address_that_is_taken_between_check_and_reload(host: Host) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as other:
        port = other.getsockname()[1]
        host.describe(SAYS + f'[[server]]\nlisten = ["127.0.0.1:{port}"]\nreturn = 204\n', WORD="new")
        text, workers = host.conf.read_text(), host.serving()
        done = apply_late(host)
    assert done.code == 1
    assert f"bind() to 127.0.0.1:{port} failed (98: Address " in done.err
    assert done.err.count("bind() to") == 1
    line = host.toml.read_text().splitlines().index(f'listen = ["127.0.0.1:{port}"]') + 1
    assert f"--> cluster.toml:{line}:" in done.err
    assert "the previous file is back" in done.err
    assert (host.conf.read_text(), host.serving(), host.get()) == (text, workers, "old")
    assert host.apply().code == 0
    assert host.get() == "new"


def test_for_programs(host: Host) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as other:
        more = f'[[server]]\nlisten = ["127.0.0.1:{other.getsockname()[1]}"]\nreturn = 204\n'
        host.describe(SAYS + more, WORD="new")
        done = apply_late(host, "--format", "json")
    assert (done.code, json.loads(done.out)["outcome"]) == (1, "failed")
    assert [one["code"] for one in done.messages] == ["NG040", "NG045"]
    assert done.messages[0]["file"] == "cluster.toml"


def test_after_an_apply_that_was_killed_the_last_proven_file_comes_back(host: Host) -> None:
    host.describe(LIMITED, KEY="$binary_remote_addr", WORD="one")
    assert host.apply().code == 0
    proven = host.conf.read_text()
    host.describe(LIMITED, KEY="$http_x_client", WORD="two")
    script = (
        "import os, signal\nimport nginxgen.apply.sequence as sequence\n"
        "sequence.reload = lambda master: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from nginxgen.__main__ import main\nmain()"
    )
    killed = nginxgen(*host.words("--yes"), cwd=host.folder, command=[sys.executable, "-c", script])
    assert killed.code == -9
    assert host.conf.read_text() == host.rendered
    again = host.apply()
    assert (again.code, host.conf.read_text(), host.get()) == (1, proven, "one")
    assert "the previous file is back" in again.err


def test_a_file_that_was_broken_by_hand_is_left_when_none_before_it_is_known(host: Host) -> None:
    host.describe(LIMITED, KEY="$binary_remote_addr", WORD="one")
    assert host.apply().code == 0
    host.describe(LIMITED, KEY="$http_x_client", WORD="two")
    host.install()
    done = host.apply()
    assert done.code == 1
    assert "the file is left as it is" in done.err
    assert host.get() == "one"
