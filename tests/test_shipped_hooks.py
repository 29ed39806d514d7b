"""What this repository gives others: hooks for pre-commit and an action for GitHub, run as they would run them.

Nothing is fetched: what nginxgen depends on comes from the environment that runs the tests.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from nginxgen.cli import app
from support.command import Done, environment
from support.dependencies import OFFLINE, link_dependencies
from support.deployed import need

ROOT = Path(__file__).parents[1]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
ACTION = ROOT / ".github" / "actions" / "nginxgen" / "action.yml"
COMMANDS = {one.name for one in app.registered_commands}
USER = {f"GIT_{one}_{what}": "a@example.org" for one in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def run(*words: str | Path, cwd: Path, **env: str) -> Done:
    done = subprocess.run(
        list(map(str, words)),
        cwd=cwd,
        env=environment(**{**USER, **env}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A repository of somebody's, with a deployment."""
    folder = tmp_path / "theirs"
    nginxgen = [sys.executable, "-m", "nginxgen"]
    assert run(*nginxgen, "new", "node", folder, "--ci", "none", "--run", "none", cwd=tmp_path).code == 0
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        done = run(need("git"), *words, cwd=folder)
        assert done.code == 0, done.err
    return folder


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """This repository as it is now, at a commit."""
    folder = tmp_path / "ours"
    folder.mkdir()
    for name in ("nginxgen", "templates", "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", HOOKS.name):
        shutil.copy(ROOT / name, folder)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "now"]):
        assert run(need("git"), *words, cwd=folder).code == 0
    return folder


def test_the_manifest_is_right() -> None:
    done = run(need("pre-commit"), "validate-manifest", HOOKS, cwd=ROOT)
    assert done.code == 0, done.out
    for hook in yaml.safe_load(HOOKS.read_text()):
        program, command = shlex.split(hook["entry"])
        assert program == "nginxgen"
        assert hook["pass_filenames"] is False, "files given together lie over each other"
        assert re.search(hook["files"], "some/cluster.toml")
        assert command == {"nginxgen-drift": "diff"}.get(hook["id"], hook["id"].removeprefix("nginxgen-"))


@pytest.mark.parametrize("hook", ["nginxgen-check", "nginxgen-lint", "nginxgen-drift"])
def test_pre_commit_runs_the_hook(hook: str, theirs: Path, ours: Path, tmp_path: Path) -> None:
    entry = next(one["entry"] for one in yaml.safe_load(HOOKS.read_text()) if one["id"] == hook)
    if (command := entry.split()[1]) not in COMMANDS:
        pytest.skip(f"nginxgen has no {command} yet")
    env = {
        **OFFLINE,
        "PYTHONPATH": str(link_dependencies(tmp_path / "dependencies")),
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
    }
    words = [need("pre-commit"), "try-repo", ours, hook, "--all-files", "--verbose"]
    done = run(*words, cwd=theirs, **env)
    assert done.code == 0, done.out + done.err
    assert "Passed" in done.out
    wrong = theirs / "cluster.toml"
    wrong.write_text(wrong.read_text().replace('upstream = "app"', "internal = true"))
    done = run(*words, cwd=theirs, **env)
    assert done.code == 1, done.out + done.err
    assert "Failed" in done.out


class Job:
    """A job on GitHub that uses the action: its inputs, and the steps as GitHub runs them."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder = folder
        self.scratch = scratch
        self.action = yaml.safe_load(ACTION.read_text())

    def run(self, **inputs: str) -> list[Done]:
        """What each step says, until one fails."""
        given = {name: one["default"] for name, one in self.action["inputs"].items()} | inputs
        known = {f"inputs.{name}": value for name, value in given.items()} | {"github.action_path": str(ACTION.parent)}
        results: list[Done] = []
        for step in self.action["runs"]["steps"]:
            assert step["shell"] == "bash"
            assert "${{" not in step["run"], "a value in a script would be a part of it"
            env = {
                name: re.sub(r"\$\{\{ ([\w.]+) \}\}", lambda word: known[word[1]], text)
                for name, text in step["env"].items()
            }
            python = {**OFFLINE, "PYTHONPATH": str(self.scratch / "dependencies")}
            words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            results.append(run(*words, cwd=self.folder, RUNNER_TEMP=str(self.scratch), **python, **env))
            if results[-1].code:
                break
        return results


@pytest.fixture
def job(theirs: Path, tmp_path: Path) -> Job:
    scratch = tmp_path / "runner"
    link_dependencies(scratch / "dependencies")
    return Job(theirs, scratch)


def test_the_action_is_right() -> None:
    done = run(need("check-jsonschema"), "--builtin-schema", "vendor.github-actions", ACTION, cwd=ROOT)
    assert done.code == 0, done.out
    done = run(need("zizmor"), "--offline", "--no-progress", "--persona=pedantic", ACTION.parent, cwd=ROOT)
    assert done.code == 0, done.out + done.err


def test_the_action_checks(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    has_diff = "diff" in COMMANDS
    results = job.run() if has_diff else job.run(conf="")
    assert [one.code for one in results] == [0, 0, 0], results[-1].err
    assert "cluster.toml: fine for any nginx" in results[1].out
    assert "fine for debian-12" in job.run(conf="", target="debian-12")[1].out
    (job.folder / "more.toml").write_text("[http]\nsendfile = false\n")
    assert "cluster.toml, more.toml: fine" in job.run(conf="", files="cluster.toml more.toml")[1].out
    hostile = job.run(conf="", files="cluster.toml; touch $(echo evil) `touch evil`")
    assert hostile[-1].code == 1
    assert not (job.folder / "evil").exists()
    if has_diff:
        assert job.run(files="cluster.toml more.toml")[-1].code == 1, "nginx.conf says something else"
    (job.folder / "cluster.toml").write_text("[[server]]\nlissen = 80\n")
    results = job.run(conf="")
    assert [one.code for one in results] == [0, 1]
    assert 'did you mean "listen"?' in results[1].err
    if not has_diff:
        pytest.skip("nginxgen has no diff yet: the last step was left out")
