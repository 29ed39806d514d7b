"""``nginxgen templates`` and ``--templates``: single ones may be replaced; what they print is proven all the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nginxgen.rendering.environment import template_folder
from support.command import HELLO, nginxgen


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    path = tmp_path / "cluster.toml"
    path.write_text(HELLO)
    return path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with one template of the user's own, which prints what nginxgen's prints."""
    folder = tmp_path / "own"
    folder.mkdir()
    shutil.copy(template_folder() / "server.conf.j2", folder)
    return folder


def test_writes_every_template_and_names_it(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "folder"
    done = nginxgen("templates", folder)
    assert (done.code, done.err) == (0, "")
    written = {one.name: one.read_bytes() for one in folder.iterdir()}
    assert written == {one.name: one.read_bytes() for one in template_folder().glob("*.j2")}
    assert done.out.splitlines() == sorted(str(folder / name) for name in written)


def test_what_was_written_renders_the_same(hello: Path) -> None:
    folder = hello.parent / "templates"
    nginxgen("templates", folder)
    assert nginxgen("render", hello, "--templates", folder) == nginxgen("render", hello)


def test_overwrites_nothing(own: Path) -> None:
    mine = "{# mine #}\n"
    (own / "server.conf.j2").write_text(mine)
    done = nginxgen("templates", own)
    assert (done.code, done.out) == (1, "")
    assert "server.conf.j2" in done.err
    assert [one.name for one in own.iterdir()] == ["server.conf.j2"]
    assert (own / "server.conf.j2").read_text() == mine


def test_a_folder_that_cannot_be_made_is_the_environment(hello: Path) -> None:
    done = nginxgen("templates", hello / "templates")
    assert done.code == 4
    assert done.err.startswith("error: ")


def test_a_single_template_is_replaced(hello: Path, own: Path) -> None:
    template = own / "server.conf.j2"
    template.write_text(template.read_text().replace("server {", "# mine\nserver {"))
    done = nginxgen("render", hello, "--templates", own)
    assert (done.code, done.err) == (0, "")
    assert "    # mine\n    server {\n" in done.out
    assert done.out.replace("    # mine\n", "") == nginxgen("render", hello).out


@pytest.mark.parametrize(
    ("found", "put", "named"),
    [
        ("listen {{ listen }}", "listen 99", "listen"),
        ("server {\n", "server {\n    client_max_body_size 9g;\n", "client_max_body_size"),
        ("server {\n", "server {\n    location /evil { proxy_pass http://127.0.0.1:1; }\n", "location"),
        ("server {\n", "}\nserver {\n", None),
        ("server {\n", "server {\n    no_such_directive on;\n", "no_such_directive"),
        ("server {\n", "server {\n    listen 1 2 3", None),
    ],
)
def test_one_that_prints_something_else_is_refused(
    hello: Path, own: Path, found: str, put: str, named: str | None
) -> None:
    template = own / "server.conf.j2"
    text = template.read_text()
    assert found in text
    template.write_text(text.replace(found, put, 1))
    done = nginxgen("render", hello, "--templates", own)
    assert (done.code, done.out) == (1, "")
    assert str(own) in done.err
    assert named is None or named in done.err


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{% for %}", "server.conf.j2, line 1"),
        ("\n{{ nosuch }}", "nosuch"),
        ("\n\n{{ server.nosuch }}", "server.conf.j2, line 3"),
        ("\n{{ true }}", "server.conf.j2, line 2"),
        ("{{ none }}", "server.conf.j2, line 1"),
        ("{{ 1 / 0 }}", "server.conf.j2, line 1"),
        ("{{ server() }}", "server.conf.j2, line 1"),
        ('{% include "server.conf.j2" %}', "server.conf.j2"),
        ('{% include "nosuch.conf.j2" %}', "nosuch.conf.j2"),
        ("\xff", "server.conf.j2"),
    ],
)
def test_one_that_fails_is_the_users_to_mend(hello: Path, own: Path, template: str, said: str) -> None:
    (own / "server.conf.j2").write_bytes(template.encode("latin-1"))
    done = nginxgen("render", hello, "--templates", own)
    assert (done.code, done.out) == (1, ""), done.err
    assert said in done.err
    assert "NG050" not in done.err


def test_a_folder_that_is_none_is_a_mistake_in_the_command(hello: Path) -> None:
    done = nginxgen("render", hello, "--templates", hello.parent / "nosuch")
    assert (done.code, done.out) == (2, "")
    assert "nosuch" in done.err


def test_check_takes_them_too(hello: Path, own: Path) -> None:
    template = own / "server.conf.j2"
    template.write_text(template.read_text().replace("listen {{ listen }}", "listen 99"))
    done = nginxgen("check", hello, "--templates", own)
    assert (done.code, done.out) == (1, "")
    assert str(own) in done.err
