"""``nginxgen explain``, ``--version``, ``--help``, completion, and mistakes in the command line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import nginxgen as package
from nginxgen.report.codes import CODES, titles
from support.command import HELLO, console_script, environment, nginxgen

COMMANDS = ("render", "check", "apply", "schema", "explain", "templates")


def test_lists_every_code() -> None:
    done = nginxgen("explain")
    assert (done.code, done.err) == (0, "")
    assert [line.split("  ")[0] for line in done.out.splitlines()] == list(titles())


@pytest.mark.parametrize("code", ["NG001", max(CODES), "ng012", "[NG012]", "NG101", "ng201"])
def test_explains_a_code(code: str) -> None:
    done = nginxgen("explain", code)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(code.upper().strip("[]") + ": ")
    assert "Why: " in done.out
    assert "What to do: " in done.out


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained_in_sentences(code: str) -> None:
    title, why, mend = CODES[code]
    assert title
    assert not title.endswith(".")
    assert why.endswith(".")
    assert mend.endswith(".")


def test_version() -> None:
    done = nginxgen("--version")
    assert (done.code, done.out, done.err) == (0, f"nginxgen {package.__version__}\n", "")


@pytest.mark.parametrize("words", [["--help"], ["-h"], *([name, "--help"] for name in COMMANDS), ["render", "x", "-h"]])
def test_help_goes_to_stdout(words: list[str]) -> None:
    done = nginxgen(*words)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Usage: nginxgen")
    assert "\x1b" not in done.out


def test_help_names_every_command() -> None:
    listed = nginxgen("--help").out.partition("Commands:")[2].split()
    assert set(COMMANDS) <= set(listed)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nosuch"],
        ["render"],
        ["check"],
        ["templates"],
        ["render", "--nosuch", "cluster.toml"],
        ["render", "cluster.toml", "--target"],
        ["render", "cluster.toml", "-o"],
        ["render", "cluster.toml", "--format", "xml"],
        ["render", "cluster.toml", "--nginx", "x"],
        ["explain", "NG999"],
        ["explain", "NG001", "NG002"],
        ["schema", "x"],
        ["--nosuch"],
    ],
)
def test_a_mistake_in_the_command_line(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text(HELLO)
    done = nginxgen(*words, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "Usage: nginxgen" in done.err or done.err.startswith("Error: ")
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("nginxgen ren", {"render"}),
        ("nginxgen re", {"render", "reload", "restart"}),
        ("nginxgen render --t", {"--target", "--templates"}),
        ("nginxgen check --ng", {"--nginx"}),
        ("nginxgen render --format ", {"text", "json"}),
    ],
)
def test_bash_completes(typed: str, offered: set[str]) -> None:
    done = nginxgen(
        env={
            "_NGINXGEN_COMPLETE": "complete_bash",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(typed.split(" ")) - 1),
        }
    )
    assert set(done.out.split()) == offered


def test_completion_of_files_is_left_to_the_shell() -> None:
    words = {"_NGINXGEN_COMPLETE": "complete_bash", "COMP_WORDS": "nginxgen render clu", "COMP_CWORD": "2"}
    assert nginxgen(env=words).out.split() == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    done = nginxgen("--show-completion", shell)
    assert done.code == 0
    assert "_NGINXGEN_COMPLETE" in done.out


def test_a_real_bash_completes(tmp_path: Path) -> None:
    script = tmp_path / "completion.sh"
    script.write_text(nginxgen("--show-completion", "bash").out)
    question = (
        f'. {script}; COMP_WORDS=(nginxgen ren); COMP_CWORD=1; _nginxgen_completion nginxgen; echo "${{COMPREPLY[@]}}"'
    )
    folder = Path(console_script()).parent
    done = subprocess.run(
        ["bash", "--norc", "-c", question],
        env=environment(PATH=f"{folder}{os.pathsep}{os.environ['PATH']}"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["render"]
