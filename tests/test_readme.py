"""README says what is true: its tour is typed here, and what comes back is what stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nginxgen.api import schema
from nginxgen.cli import app
from nginxgen.proof.binary import find_binary
from nginxgen.report.codes import titles

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def steps(block: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what stands below it."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)


def typed(command: str, folder: Path, given: str = "") -> str:
    """What a command prints, as on a terminal of ours: both streams, the exit code kept for the next one."""
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    done = subprocess.run(
        ["bash", "-c", f"{command}\ncode=$?; echo $code > .code; exit 0"],
        cwd=folder,
        env=environment,
        input=given,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=True,
    )
    return done.stdout


def test_the_tour_prints_what_readme_shows(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    try:
        find_binary()
    except Exception as problem:
        pytest.skip(str(problem))
    source = tmp_path / "cluster.toml"
    source.write_text(blocks("toml")[0], encoding="utf-8")
    shown = 0
    readme = README
    update = request.config.getoption("--golden-update", default=False) and "CI" not in os.environ
    for number, block in enumerate(blocks("console")):
        if number == 1:  # "Mended"
            mended = source.read_text(encoding="utf-8").replace("crat", "cart").replace("timout", "timeout")
            source.write_text(mended, encoding="utf-8")
        for command, expected in steps(block):
            if command == "echo $?":
                assert (tmp_path / ".code").read_text() == expected
            elif command.startswith("cat >>"):
                typed(command, tmp_path, expected)
            else:
                said = typed(command, tmp_path)
                if update and without_binary(said) != without_binary(expected):
                    readme = readme.replace(f"$ {command}\n{expected}", f"$ {command}\n{said}")
                else:
                    assert without_binary(said) == without_binary(expected), command
                shown += 1
    assert shown >= 5
    if readme != README:
        (ROOT / "README.md").write_text(readme, encoding="utf-8")


def without_binary(text: str) -> str:
    """A verdict without the nginx that happened to be found, the time that it took and the network that it was in."""
    text = re.sub(r"accepted by nginx .*", "accepted by nginx", text)
    return re.sub(r" in \d+\.\d s \(nginx .*\)", " in 0.4 s", text)


def test_the_python_example_runs_and_is_typed(tmp_path: Path) -> None:
    (example,) = blocks("python")
    file = tmp_path / "example.py"
    file.write_text(example, encoding="utf-8")
    mypy = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(file)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert mypy.returncode == 0, mypy.stdout
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True)
    assert "upstream cart {" in done.stdout
    assert done.stdout.endswith("True\n")


def test_every_command_and_block_is_in_readme() -> None:
    for command in app.registered_commands:
        assert f"nginxgen {command.name}" in README
    for block in (
        "[nginx]",
        "[http]",
        "[upstream.NAME]",
        "[tls.NAME]",
        "[[server]]",
        "[[server.location]]",
        "[[test]]",
        "[lint]",
    ):
        assert f"`{block}`" in README
    assert set(schema()["properties"]) == {"defaults", "nginx", "http", "upstream", "tls", "server", "test", "lint"}


def test_codes_in_readme_exist() -> None:
    assert set(re.findall(r"NG\d{3}", README)) <= set(titles())
