"""A failure of our own: exit 3, nothing printed, everything kept that is needed to mend it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from support.command import HELLO, Done, nginxgen

# The real program, in which one thing goes wrong that must never go wrong.
SABOTAGED = """
import sys
import {module} as module
original = module.{name}
def wrong(*given, **named):
    {body}
module.{name} = wrong
from nginxgen.__main__ import main
main()
"""


def sabotaged(module: str, name: str, body: str, *words: str | Path) -> Done:
    script = SABOTAGED.format(module=module, name=name, body=body)
    return nginxgen(*words, command=[sys.executable, "-c", script])


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    path = tmp_path / "cluster.toml"
    path.write_text(HELLO)
    return path


def printing(put: str, *words: str | Path) -> Done:
    body = f"return original(*given, **named).replace('127.0.0.1:8001', '{put}')"
    return sabotaged("nginxgen.proven", "print_cluster", body, *words)


def test_the_sabotage_itself_is_harmless(hello: Path) -> None:
    assert printing("127.0.0.1:8001", "render", hello) == nginxgen("render", hello)


@pytest.mark.parametrize("put", ["127.0.0.1:8002", "127.0.0.1:8001 weight=2", "127.0.0.1:8001; bad", "a}", "'", "a b"])
def test_one_wrong_word_is_never_printed(hello: Path, temporary: Path, put: str) -> None:
    done = printing(put.replace("'", "\\'"), "render", hello)
    assert (done.code, done.out) == (3, "")
    assert "error[NG050]" in done.err
    assert "Traceback" not in done.err
    (kept,) = temporary.iterdir()
    assert str(kept) in done.err
    assert f"server {put} max_fails=0;" in kept.read_text()


def test_check_does_not_ask_nginx_about_it(hello: Path) -> None:
    done = printing("127.0.0.1:8002", "check", hello)
    assert (done.code, done.out) == (3, "")
    assert "error[NG050]" in done.err


def test_the_output_file_stays_as_it_was(hello: Path) -> None:
    output = hello.parent / "nginx.conf"
    output.write_text("# before\n")
    assert printing("10.0.0.1", "render", hello, "-o", output).code == 3
    assert output.read_text() == "# before\n"


@pytest.mark.parametrize("error", ["KeyError('x')", "AssertionError()", "RecursionError('deep')", "MemoryError()"])
def test_an_error_nobody_thought_of_is_kept_whole(hello: Path, temporary: Path, error: str) -> None:
    done = sabotaged("nginxgen.proven", "expand", f"raise {error}", "render", hello)
    assert (done.code, done.out) == (3, "")
    assert "error[NG050]" in done.err
    assert "Traceback" not in done.err
    (kept,) = temporary.iterdir()
    assert str(kept) in done.err
    log = kept.read_text()
    assert re.match(r"nginxgen \S+, Python \S+", log)
    assert "Traceback (most recent call last)" in log
    assert error.partition("(")[0] in log
