"""``nginxgen apply`` on real masters: what is installed, what serves, and how it ends."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from support.command import HELLO, nginxgen
from support.installed import SAYS, Host, host_in
from support.running import Client, free_port, wait_until

pytestmark = pytest.mark.nginx


def test_a_new_configuration_serves_when_apply_returns(host: Host) -> None:
    before = host.conf.read_text()
    workers = host.serving()
    host.says("new")
    done = host.apply()
    assert done.code == 0, done.err
    assert host.get() == "new"
    assert not workers & host.serving()
    assert host.conf.read_text() == host.rendered
    assert (host.folder / "nginx.conf~").read_text() == before
    assert done.out == (
        f"{host.conf}: 1 changed\n"
        f"  server (no name) on 127.0.0.1:{host.port}\n"
        "    location /\n"
        "      ~ return: 200 old → 200 new\n"
    )
    assert "applied: the new workers (" in done.err
    assert host.files() == {"nginx.conf", "nginx.conf~", ".nginx.conf.journal", ".nginx.conf.lock"}


def test_applied_again_there_is_nothing_to_do(host: Host) -> None:
    host.says("new")
    assert host.apply().code == 0
    files = {one.name: one.stat().st_mtime_ns for one in host.folder.iterdir() if "nginx.conf" in one.name}
    workers = host.serving()
    done = host.apply()
    assert (done.code, done.out, done.err) == (0, f"{host.conf}: nothing to do\n", "")
    assert host.serving() == workers
    files.pop(".nginx.conf.lock")
    assert files.items() <= {one.name: one.stat().st_mtime_ns for one in host.folder.iterdir()}.items()


def test_a_text_that_was_installed_by_hand_is_brought_to_serve(host: Host) -> None:
    host.says("new")
    host.install()
    dry = nginxgen(*host.words("--dry-run"), cwd=host.folder)
    assert (dry.code, dry.out) == (
        1,
        f"{host.conf}: this text is installed already; nginx is to be shown to serve it\n",
    )
    assert host.get() == "old"
    assert host.apply().code == 0
    assert host.get() == "new"
    assert nginxgen(*host.words("--dry-run"), cwd=host.folder).code == 0


def test_a_look_at_what_a_master_began_with_finds_no_difference(host: Host) -> None:
    host.says("new")
    host.install()
    host.stop()
    wait_until(lambda: time.time() > host.conf.stat().st_ctime + 3, "nginx is started well after that was written")
    host.start()
    dry = nginxgen(*host.words("--dry-run"), cwd=host.folder)
    assert (dry.code, dry.out) == (0, f"{host.conf}: nothing to do\n")


def test_a_master_that_was_started_anew_is_asked_again(host: Host) -> None:
    host.says("new")
    assert host.apply().code == 0
    host.stop()
    host.start()
    workers = host.serving()
    done = host.apply()
    assert done.code == 0
    assert not workers & host.serving()
    assert "nothing to do" in host.apply().out


def test_a_dry_run_touches_nothing(host: Host) -> None:
    host.says("new")
    text = host.conf.read_text()
    done = nginxgen(*host.words("--dry-run"), cwd=host.folder)
    assert (done.code, done.err) == (1, "")
    assert "~ return: 200 old → 200 new" in done.out
    assert host.conf.read_text() == text
    assert host.files() == {"nginx.conf"}


def test_without_a_terminal_one_has_to_say_yes(host: Host) -> None:
    host.says("new")
    done = nginxgen(*host.words(), cwd=host.folder)
    assert (done.code, done.out) == (2, "")
    assert "say --yes" in done.err
    assert host.files() == {"nginx.conf"}


def test_nginx_refuses_it(host: Host) -> None:
    host.describe(SAYS + 'proxy_buffers = [2, "4k"]\nproxy_busy_buffers_size = "64k"\n', WORD="new")
    text = host.conf.read_text()
    workers = host.serving()
    done = host.apply()
    assert done.code == 1
    assert "error[NG040]: nginx " in done.err
    line = host.toml.read_text().splitlines().index('proxy_busy_buffers_size = "64k"') + 1
    assert f"--> cluster.toml:{line}:" in done.err
    assert (host.conf.read_text(), host.serving()) == (text, workers)
    assert host.files() == {"nginx.conf", ".nginx.conf.lock"}


def test_real_files_count(host: Host) -> None:
    host.describe(
        SAYS.replace('listen = ["127.0.0.1:PORT"]', 'listen = [{ address = "127.0.0.1:PORT", ssl = true }]\n').replace(
            "[[server.location]]",
            'ssl_certificate = "/nonexistent.pem"\nssl_certificate_key = "/nonexistent.key"\n[[server.location]]',
        ),
        WORD="new",
    )
    done = host.apply()
    assert done.code == 1
    assert "/nonexistent.pem" in done.err
    assert "--> cluster.toml:" in done.err


def test_what_nginx_warns_of_is_shown(host: Host) -> None:
    host.describe(SAYS.replace("[[server.location]]", 'gzip_types = ["text/html"]\n[[server.location]]'), WORD="new")
    done = host.apply()
    assert done.code == 0
    assert "warning[NG041]: nginx " in done.err
    assert "--> cluster.toml:" in done.err


def test_a_port_that_is_taken(host: Host) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as other:
        port = other.getsockname()[1]
        host.describe(SAYS + f'[[server]]\nlisten = ["127.0.0.1:{port}"]\nreturn = 204\n', WORD="new")
        text = host.conf.read_text()
        done = host.apply()
        assert done.code == 4
        assert f"error[NG044]: 127.0.0.1:{port} cannot be listened on: Address already in use" in done.err
        assert "--> cluster.toml:" in done.err
        assert host.conf.read_text() == text
    assert host.apply().code == 0


def test_an_address_that_nginx_itself_is_in_the_way_of(host: Host) -> None:
    host.describe(SAYS.replace("127.0.0.1:PORT", "*:PORT"), WORD="new")
    done = host.apply()
    assert done.code == 4
    assert f"nginx itself listens on 127.0.0.1:{host.port}" in done.err


GROUP = """
[upstream.app]
servers = [SERVERS]
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "/"
upstream = "app"
"""


def test_the_dangerous_needs_force(host: Host) -> None:
    other = free_port()
    host.describe(GROUP, SERVERS='"127.0.0.1:1"')
    assert host.apply().code == 0
    host.describe(GROUP, SERVERS='{ address = "127.0.0.1:1", down = true }')
    done = host.apply()
    assert done.code == 1
    assert 'error[NG043]: upstream "app" is used, and no server of it would be left' in done.err
    host.says("new", port=other)
    done = host.apply()
    assert done.code == 1
    assert f"error[NG043]: nothing would listen on 127.0.0.1:{host.port} any more" in done.err
    text = host.conf.read_text()
    host.describe("")
    done = host.apply()
    assert done.code == 1
    assert "error[NG043]: no server is left" in done.err
    assert host.conf.read_text() == text
    dry = nginxgen(*host.words("--dry-run"), cwd=host.folder)
    assert (dry.code, dry.err.count("NG043")) == (1, 1)
    host.says("new", port=other)
    done = host.apply("--force")
    assert done.code == 0
    assert "warning[NG043]" in done.err
    assert host.get(other) == "new"


def test_a_file_that_is_not_nginxgens(host: Host) -> None:
    host.says("new")
    host.conf.write_text(host.conf.read_text().replace("return 200 old;", "return 200 o\\ld; # by hand"))
    done = host.apply()
    assert done.code == 0, done.err
    assert "cannot be compared (line " in done.out
    assert "and is replaced as a whole" in done.out
    assert host.get() == "new"


def test_nginx_does_not_run(nginx: NginxBinary, tmp_path: Path) -> None:
    with host_in(tmp_path, nginx) as host:
        host.says("old")
        host.install()
        host.says("new")
        done = host.apply("--nginx", nginx.path)
        assert done.code == 4
        assert done.err.startswith(f"error: nginx does not run: there is no {tmp_path}/nginx.pid; --pid ")
        assert host.files() == {"nginx.conf", ".nginx.conf.lock"}
        done = host.apply("--no-reload", "--nginx", nginx.path)
        assert done.code == 0, done.err
        assert done.err == f"wrote {host.conf}; no nginx was told\n"
        assert host.conf.read_text() == host.rendered
        host.start()
        assert host.get() == "new"
        assert host.apply().code == 0


@pytest.mark.parametrize(
    ("holds", "said"), [("", "holds no number"), ("1", "no master of an nginx"), ("4194301", "gone")]
)
def test_a_pid_file_that_names_no_master(host: Host, holds: str, said: str) -> None:
    host.says("new")
    file = host.folder / "other.pid"
    file.write_text(holds)
    done = host.apply("--pid", file)
    assert done.code == 4
    assert done.err.startswith("error: nginx does not run: ")
    assert said in done.err


def test_a_master_that_reads_another_file(host: Host) -> None:
    host.says("new")
    done = nginxgen("apply", host.toml, "--to", host.folder / "other.conf", "--yes", "--pid", host.folder / "nginx.pid")
    assert done.code == 4
    assert f"reads {host.conf}, not {host.folder}/other.conf" in done.err
    assert not (host.folder / "other.conf").exists()


def test_for_programs(host: Host) -> None:
    host.says("new")
    was, now = (
        next(
            number for number, line in enumerate(one.read_text().splitlines(), 1) if line.lstrip().startswith("return")
        )
        for one in (host.conf, host.toml)
    )
    done = host.apply("--format", "json")
    said = json.loads(done.out)
    assert (done.code, done.messages) == (0, [])
    assert said["outcome"] == "applied"
    assert set(said["workers"]) == host.serving()
    assert said["master"] == host.master.pid
    assert said["changes"] == [
        {
            "action": "changed",
            "kind": "setting",
            "place": [f"server (no name) on 127.0.0.1:{host.port}", "location /"],
            "name": "return",
            "before": "200 old",
            "after": "200 new",
            "was_at": {"file": str(host.conf), "line": was},
            "now_at": {"file": host.toml.name, "line": now},
        }
    ]
    again = host.apply("--format", "json")
    assert (again.code, json.loads(again.out)["outcome"]) == (0, "nothing to do")
    host.describe("")
    refused = host.apply("--format", "json")
    assert (refused.code, json.loads(refused.out)["outcome"]) == (1, "failed")
    assert [one["code"] for one in refused.messages] == ["NG043"]


class Asking(threading.Thread):
    """A client that keeps its connection where it can, and asks again and again."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port
        self.over = threading.Event()
        self.answers: list[str] = []
        self.lost = 0

    def run(self) -> None:
        """Ask until it is over."""
        client = Client(self.port)
        while not self.over.is_set():
            try:
                self.answers.append(client.get().body.decode())
            except OSError:
                self.lost += 1
                client.__exit__()
                client = Client(self.port)
        client.__exit__()


def test_after_apply_only_the_new_one_answers(host: Host) -> None:
    for number in range(5):
        clients = [Asking(host.port) for _ in range(4)]
        for client in clients:
            client.start()
        try:
            host.says(f"new{number}")
            assert host.apply().code == 0
            counts = [len(client.answers) for client in clients]
            fresh = [host.get() for _ in range(50)]
        finally:
            for client in clients:
                client.over.set()
                client.join()
        assert set(fresh) == {f"new{number}"}
        for client, count in zip(clients, counts, strict=True):
            # One answer may have been on its way when apply returned.
            assert set(client.answers[count + 1 :]) <= {f"new{number}"}


def test_a_folder_that_is_missing(host: Host) -> None:
    done = nginxgen("apply", host.toml, "--to", host.folder / "nosuch" / "nginx.conf", "--yes")
    assert (done.code, done.out) == (4, "")
    assert done.err == f"error: {host.folder}/nosuch cannot be written to: No such file or directory\n"


def test_a_link_stays_a_link(host: Host) -> None:
    host.says("new")
    link = host.folder / "link"
    link.symlink_to(host.conf)
    done = nginxgen("apply", host.toml, "--to", link, "--yes", cwd=host.folder)
    assert done.code == 0, done.err
    assert link.is_symlink()
    assert host.get() == "new"


def test_a_pid_file_that_moves_with_the_configuration(host: Host) -> None:
    host.says("new")
    host.toml.write_text(host.toml.read_text().replace("nginx.pid", "other.pid"))
    assert host.apply().code == 0
    assert host.get() == "new"
    host.says("newer")
    assert host.apply().code == 0
    assert host.get() == "newer"


def test_what_killed_writes_left_is_removed_when_it_is_old(host: Host) -> None:
    host.says("new")
    old, young = host.folder / ".nginx.conf.abcdefgh", host.folder / "..nginx.conf.journal.abcdefgh"
    for file in (old, young):
        file.write_text("left")
    os.utime(old, (1, 1))
    assert host.apply().code == 0
    assert (old.exists(), young.exists()) == (False, True)


def test_render_imports_nothing_of_apply() -> None:
    script = (
        "import sys\nfrom nginxgen.cli import run\nrun(['render', '-'])\n"
        "heavy = ('psutil', 'nginxgen.apply', 'nginxgen.live')\n"
        "print([one for one in sys.modules if one.startswith(heavy)])"
    )
    done = nginxgen(command=[sys.executable, "-c", script], stdin=HELLO)
    assert done.out.endswith("\n[]\n")
