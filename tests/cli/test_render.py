"""``nginxgen render``: the text on stdout and nothing else, files laid over each other, ``-o`` that loses nothing."""

from __future__ import annotations

import json
import os
import stat
import sys
import tomllib
from pathlib import Path

import pytest

from support.command import HELLO, console_script, nginxgen


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    path = tmp_path / "cluster.toml"
    path.write_text(HELLO)
    return path


def test_stdout_is_the_text_and_stderr_is_empty(hello: Path) -> None:
    done = nginxgen("render", "cluster.toml", cwd=hello.parent)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# Made by nginxgen ")
    assert "from cluster.toml" in done.out.splitlines()[0]
    assert done.out.endswith("}\n")


def test_the_same_as_a_module_and_in_another_folder(hello: Path) -> None:
    script = nginxgen("render", "cluster.toml", cwd=hello.parent)
    module = nginxgen("render", "cluster.toml", cwd=hello.parent, command=[sys.executable, "-m", "nginxgen"])
    assert module == script
    assert nginxgen("render", hello, cwd=Path("/")) == script, "no path may stand in the text"


def test_notices_go_to_stderr(hello: Path) -> None:
    hello.write_text(HELLO.replace("[[server]]", '[[server]]\nssl_protocols = ["SSLv2", "TLSv1.2"]'))
    done = nginxgen("render", hello)
    assert done.code == 0
    assert done.out.startswith("# Made by")
    assert "note[NG032]" in done.err
    assert "NG032" not in done.out


def test_nothing_is_printed_of_a_wrong_file(hello: Path) -> None:
    hello.write_text(HELLO.replace('upstream = "app"', 'upstream = "ap"').replace("listen", "lissen"))
    done = nginxgen("render", "cluster.toml", cwd=hello.parent)
    assert (done.code, done.out) == (1, "")
    assert "error[NG003]" in done.err
    assert "--> cluster.toml:5:1" in done.err
    assert 'did you mean "listen"?' in done.err


def test_later_files_lie_over_earlier_ones(hello: Path) -> None:
    (hello.parent / "prod.toml").write_text('[upstream.app]\nservers = ["10.0.0.1:80", "10.0.0.2:80"]\nkeepalive = 7\n')
    done = nginxgen("render", "cluster.toml", "prod.toml", cwd=hello.parent)
    assert done.code == 0
    assert "server 10.0.0.2:80" in done.out
    assert "keepalive 7;" in done.out
    assert "127.0.0.1:8001" not in done.out
    assert "from cluster.toml, prod.toml" in done.out.splitlines()[0]


def test_a_mistake_is_shown_in_the_file_that_made_it(hello: Path) -> None:
    (hello.parent / "prod.toml").write_text('\n[upstream.app]\nservers = ["10.0.0.1:0"]\n')
    done = nginxgen("render", "cluster.toml", "prod.toml", cwd=hello.parent)
    assert done.code == 1
    assert "--> prod.toml:3:12" in done.err


@pytest.mark.parametrize("form", ["toml", "json"])
def test_standard_input(form: str) -> None:
    text = HELLO if form == "toml" else json.dumps(tomllib.loads(HELLO))
    done = nginxgen("render", "-", stdin=text)
    assert (done.code, done.err) == (0, "")
    assert "proxy_pass http://app;" in done.out


def test_json_from_a_file_gives_the_text_of_the_toml(hello: Path) -> None:
    (hello.parent / "cluster.json").write_text(json.dumps(tomllib.loads(HELLO), indent=1))
    ours = nginxgen("render", "cluster.json", cwd=hello.parent)
    theirs = nginxgen("render", "cluster.toml", cwd=hello.parent)
    assert ours.out.splitlines()[1:] == theirs.out.splitlines()[1:]
    assert ours.code == theirs.code == 0


def test_standard_input_over_a_file(hello: Path) -> None:
    done = nginxgen("render", hello, "-", stdin='{"upstream": {"app": {"keepalive": 5}}}')
    assert done.code == 0
    assert "keepalive 5;" in done.out


@pytest.mark.parametrize(
    ("target", "named"), [("1.22", "nginx 1.22"), ("debian-12", "debian-12 (nginx 1.22.1)"), ("any", "any nginx")]
)
def test_the_target_stands_in_the_first_line(hello: Path, target: str, named: str) -> None:
    done = nginxgen("render", hello, "--target", target)
    assert done.code == 0
    assert named in done.out.splitlines()[0]


def test_an_unknown_target_is_wrong_input(hello: Path) -> None:
    done = nginxgen("render", hello, "-t", "1.17")
    assert (done.code, done.out) == (1, "")
    assert "NG033" in done.err


def write(path: Path, output: Path | str, *more: str) -> str:
    done = nginxgen("render", path, "-o", output, *more)
    assert (done.code, done.out) == (0, ""), done.err
    return done.err


def test_output_writes_the_same_text_and_keeps_the_previous(hello: Path) -> None:
    output = hello.parent / "nginx.conf"
    backup = hello.parent / "nginx.conf~"
    write(hello, output)
    first = output.read_text()
    assert first == nginxgen("render", hello).out
    assert not backup.exists()
    hello.write_text(HELLO.replace("8001", "8002"))
    write(hello, output)
    assert "127.0.0.1:8002" in output.read_text()
    assert backup.read_text() == first
    assert sorted(one.name for one in hello.parent.iterdir()) == ["cluster.toml", "nginx.conf", "nginx.conf~"]


def test_an_unchanged_file_is_left_untouched(hello: Path) -> None:
    output = hello.parent / "nginx.conf"
    write(hello, output)
    os.utime(output, ns=(10**18, 10**18))
    before = output.stat()
    assert "up to date" in write(hello, output)
    after = output.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    assert not (hello.parent / "nginx.conf~").exists()


def test_a_link_stays_a_link_and_the_mode_is_kept(hello: Path) -> None:
    real = hello.parent / "sites" / "real.conf"
    real.parent.mkdir()
    real.write_text("# before\n")
    real.chmod(0o604)
    link = hello.parent / "nginx.conf"
    link.symlink_to("sites/real.conf")
    write(hello, link)
    assert link.is_symlink()
    assert os.readlink(link) == "sites/real.conf"
    assert real.read_text().startswith("# Made by nginxgen")
    assert stat.S_IMODE(real.stat().st_mode) == 0o604
    assert (real.parent / "real.conf~").read_text() == "# before\n"


def test_a_new_file_has_the_mode_that_the_umask_gives(hello: Path) -> None:
    output = hello.parent / "nginx.conf"
    shell = ["sh", "-c", 'umask 027; exec "$@"', "sh", console_script()]
    done = nginxgen("render", hello, "-o", output, command=shell)
    assert done.code == 0, done.err
    assert stat.S_IMODE(output.stat().st_mode) == 0o640


@pytest.mark.parametrize("where", ["missing/nginx.conf", "/proc/nginx.conf", "folder", "cluster.toml/nginx.conf"])
def test_where_nothing_can_be_written_it_is_the_environment(hello: Path, where: str) -> None:
    (hello.parent / "folder").mkdir()
    done = nginxgen("render", hello, "-o", where, cwd=hello.parent)
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("error: ")
    assert where in done.err
    assert "Traceback" not in done.err


def test_a_wrong_file_leaves_the_output_as_it_was(hello: Path) -> None:
    output = hello.parent / "nginx.conf"
    output.write_text("# before\n")
    hello.write_text("server = 1\n")
    assert nginxgen("render", hello, "-o", output).code == 1
    assert output.read_text() == "# before\n"
    assert not (hello.parent / "nginx.conf~").exists()
