"""Plain command lines are read without typer's parser: whatever is read that way, typer reads the same."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
import typer
from hypothesis import example, given
from hypothesis import strategies as st

from nginxgen.cli import check, render
from nginxgen.cli.plain import read_plain

COMMANDS = {"render": render.run, "check": check.run}
WORDS = [
    *("cluster.toml", "prod.toml", "-", "--", "", "1.22", "text", "json", "xml", "a=b", "=", "--help", "-h", "ü"),
    *("--target", "-t", "--output", "-o", "--nginx", "--templates", "--format", "--nosuch", "-x", "--form"),
    *("--target=1.22", "--target=", "-t=1.22", "-t1.22", "--output=-", "--output=--", "-o-", "--format=json"),
    *("--format=xml", "--format=", "--format=JSON", "--templates=a=b", "--nginx=/usr/sbin/nginx", "-ot", "-to"),
    *("--no-target", "--target=-x", "--=", "---", "-=", "--output=", "-0", "-1", "--version"),
]


def typer_reads(command: Callable[..., None], words: list[str]) -> dict[str, Any] | None:
    """What the command gets when typer parses the words; None when it does not get to run."""
    got: list[dict[str, Any]] = []

    @functools.wraps(command)
    def capture(**arguments: Any) -> None:
        got.append(arguments)

    app = typer.Typer(
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command()(capture)
    try:
        app(words, standalone_mode=False)
    except (typer.Exit, typer.Abort):
        return None
    except Exception as problem:
        if not hasattr(problem, "exit_code"):  # a usage error has one
            raise
        return None
    return got[0] if got else None


@pytest.mark.parametrize("name", COMMANDS)
@given(words=st.lists(st.sampled_from(WORDS), max_size=5))
@example(words=["cluster.toml", "--target", "-"])
@example(words=["cluster.toml", "--target", "1.22", "--target=1.23"])
@example(words=["", "--output="])
@example(words=["a", "--", "b"])
@example(words=["a", "--output", ""])
def test_agrees_with_typer(name: str, words: list[str]) -> None:
    plain = read_plain(COMMANDS[name], words)
    if plain is not None:
        assert plain == typer_reads(COMMANDS[name], words)


@pytest.mark.parametrize("name", COMMANDS)
@given(words=st.lists(st.text(alphabet="-=otab. \n\u00fc", max_size=6), max_size=4))
def test_agrees_with_typer_on_any_words(name: str, words: list[str]) -> None:
    plain = read_plain(COMMANDS[name], words)
    if plain is not None:
        assert plain == typer_reads(COMMANDS[name], words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("render", ["cluster.toml"]),
        ("render", ["base.toml", "prod.toml"]),
        ("render", ["-"]),
        ("render", ["cluster.toml", "-o", "nginx.conf"]),
        ("render", ["--target", "1.22", "--format=json", "cluster.toml"]),
        ("render", ["--templates", "own", "--output=x", "cluster.toml", "-t", "debian-12"]),
        ("check", ["cluster.toml"]),
        ("check", ["cluster.toml", "--nginx", "/usr/sbin/nginx", "--format", "json"]),
    ],
)
def test_what_people_type_is_plain(name: str, words: list[str]) -> None:
    plain = read_plain(COMMANDS[name], words)
    assert plain is not None
    assert plain == typer_reads(COMMANDS[name], words)


@pytest.mark.parametrize("line", ["", "--help", "a -h", "a --nosuch", "a --format xml", "a -t", "a -t --format json"])
def test_what_is_not_plain_is_left_to_typer(line: str) -> None:
    assert read_plain(render.run, line.split()) is None
