"""``nginxgen new``: what it lists, asks, writes and refuses."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from nginxgen.scaffold.deployment import deployment_files
from nginxgen.scaffold.presets import ALIASES, PRESETS
from nginxgen.scaffold.wishes import Wishes
from support.command import Done, console_script, environment, nginxgen


def written(folder: Path) -> dict[str, bytes]:
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_lists_the_presets_with_a_line_each() -> None:
    done = nginxgen("new")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines] == list(PRESETS)
    assert all(line.endswith(".") and len(line) <= 120 for line in lines)


@pytest.mark.parametrize("preset", ["node", "multi-host"])
def test_writes_a_deployment_and_names_its_files(preset: str, tmp_path: Path) -> None:
    done = nginxgen("new", preset, "my-app", cwd=tmp_path)
    assert done.code == 0
    assert done.err == "my-app/README.md says how to go on; nginxgen up my-app/cluster.toml starts it\n"
    assert written(tmp_path / "my-app") == deployment_files(preset, Wishes("my-app"))
    assert done.out.splitlines() == sorted(f"my-app/{name}" for name in written(tmp_path / "my-app"))
    checked = nginxgen("check", tmp_path / "my-app" / "cluster.toml")
    assert checked.code == 0, checked.err


@pytest.mark.parametrize("word", ALIASES)
def test_other_words_for_presets(word: str, tmp_path: Path) -> None:
    assert nginxgen("new", word, "a", "--run", "none", "--ci", "none", cwd=tmp_path).code == 0
    assert nginxgen("new", ALIASES[word], "a", "--run", "none", "--ci", "none", cwd=tmp_path).code == 0


def test_takes_what_is_wished_for(tmp_path: Path) -> None:
    words = ["--name", "shop", "--server-name", "shop.example.com", "--port", "80", "--target", "debian-12"]
    done = nginxgen("new", "node", tmp_path, *words, "--ci", "gitlab", "--run", "systemd")
    assert done.code == 0
    assert set(written(tmp_path)) == {
        ".gitlab-ci.yml",
        "README.md",
        "cluster.schema.json",
        "cluster.toml",
        "nginx.conf",
        "server.js",
        "systemd.toml",
        "systemd/nginx.conf",
        "systemd/nginx.service.d/shop.conf",
        "systemd/shop.target",
        "systemd/shop@.service",
    }
    text = (tmp_path / "systemd" / "nginx.conf").read_text()
    assert "for debian-12 (nginx 1.22.1)\n" in text
    assert "listen 80;\n" in text
    assert "server_name shop.example.com;\n" in text


def refused(done: Done, *said: str) -> None:
    assert (done.code, done.out) == (2, "")
    for one in said:
        assert one in done.err.replace("\n", " ").replace("│", "").replace("  ", " ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch", "a"], ["there is no nosuch", "node, asgi"]),
        (["node"], ["say where to write"]),
        (["node", "a", "--name", "my app; rm"], ["--name", "is no name for units"]),
        (["node", "a", "--name", "$(reboot)"], ["--name"]),
        (["node", "a", "--name", "a\nb"], ["--name"]),
        (["node", "a", "--name", "A"], ["--name"]),
        (["node", "a", "--name", "-a"], ["--name"]),
        (["node", "a", "--name", "a-"], ["--name"]),
        (["node", "a", "--name", "a" * 41], ["--name"]),
        (["node", "a", "--name", ""], ["--name"]),
        (["node", "%i"], ["--name", "say another with --name"]),
        (["node", "a", "--server-name", "a b"], ["--server-name", "is no host name"]),
        (["node", "a", "--server-name", "a;}"], ["--server-name"]),
        (["node", "a", "--server-name", "http://a"], ["--server-name"]),
        (["node", "a", "--server-name", ""], ["--server-name"]),
        (["node", "a", "--port", "0"], ["--port"]),
        (["node", "a", "--port", "65536"], ["--port"]),
        (["node", "a", "--port", "x"], ["--port"]),
        (["node", "a", "--port", "80"], ["--port", "without root", "compose and kubernetes"]),
        (["node", "a", "--target", "debian-1"], ["--target", "debian-1"]),
        (["node", "a", "--target", '1.22"'], ["--target"]),
        (["node", "a", "--ci", "jenkins"], ["--ci", "github, gitlab, pre-commit"]),
        (["node", "a", "--run", "systemd,docker"], ["--run", "systemd, compose, kubernetes"]),
        (["node", "a", "--run", ""], ["--run"]),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(words: list[str], said: list[str], tmp_path: Path) -> None:
    refused(nginxgen("new", *words, cwd=tmp_path), *said)
    assert list(tmp_path.iterdir()) == []


def test_overwrites_nothing_unless_told_to(tmp_path: Path) -> None:
    (tmp_path / "server.js").write_text("mine\n")
    (tmp_path / "cluster.toml").write_text("mine too\n")
    before = written(tmp_path)
    done = nginxgen("new", "node", tmp_path, "--name", "my-app")
    assert (done.code, done.out) == (1, "")
    assert f"{tmp_path} has cluster.toml, server.js already; nothing was written" in done.err
    assert written(tmp_path) == before
    done = nginxgen("new", "node", tmp_path, "--name", "my-app", "--force")
    assert done.code == 0
    kept = {f"{name}~": data for name, data in before.items()}
    assert written(tmp_path) == deployment_files("node", Wishes("my-app")) | kept


def test_beside_other_files_and_again(tmp_path: Path) -> None:
    """In a folder that has an application already; what it has written before is no obstacle."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.js").write_text("mine\n")
    for _ in range(2):
        assert nginxgen("new", "node", ".", "--name", "my-app", cwd=tmp_path).code == 0
    assert written(tmp_path) == deployment_files("node", Wishes("my-app")) | {"app/main.js": b"mine\n"}


def test_a_folder_that_cannot_be_written_is_the_environment(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = nginxgen("new", "node", tmp_path / "file" / "my-app")
    assert (done.code, done.out) == (4, "")
    assert "cannot be written" in done.err
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "systemd").write_text("a file where a folder is needed")
    done = nginxgen("new", "node", tmp_path / "taken", "--force")
    assert (done.code, done.out) == (4, "")
    assert written(tmp_path / "taken") == {"systemd": b"a file where a folder is needed"}


def test_asks_on_a_terminal_where_to_write_and_whether_to_replace(tmp_path: Path) -> None:
    read, write = os.openpty()
    try:

        def answered(answer: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
            os.write(read, answer)  # the terminal keeps it until it is read
            return subprocess.run(
                [console_script(), "new", "node", *words, "--ci", "none", "--run", "none"],
                stdin=write,
                capture_output=True,
                cwd=tmp_path,
                env=environment(),
                timeout=60,
                check=False,
            )

        first = answered(b"\n")
        assert first.returncode == 0
        assert b"Where to write it [node]" in first.stderr
        assert (tmp_path / "node" / "cluster.toml").is_file()
        (tmp_path / "node" / "server.js").write_text("mine\n")
        assert answered(b"n\n", "node").returncode == 1
        assert (tmp_path / "node" / "server.js").read_text() == "mine\n"
        assert answered(b"y\n", "node").returncode == 0
        assert (tmp_path / "node" / "server.js~").read_text() == "mine\n"
    finally:
        os.close(read)
        os.close(write)
