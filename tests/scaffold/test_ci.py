"""What CI runs for a deployment, run: green when it is new, and red, for the right reason, once something is wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nginxgen.scaffold.checking import files as checking_files
from nginxgen.scaffold.deployment import renderings
from nginxgen.scaffold.presets import PRESETS
from nginxgen.scaffold.wishes import Checker, Wishes
from support.command import Done, console_script, nginxgen
from support.deployed import NAME, deployment

RENDERINGS = renderings(Wishes(NAME))
pytestmark = pytest.mark.nginx


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    with deployment(getattr(request, "param", "static-api")) as made:
        yield made


def of_github(folder: Path) -> list[str]:
    """The commands of GitHub's job behind the installation."""
    job = yaml.safe_load((folder / ".github/workflows/nginx.yml").read_text())["jobs"]["nginx"]
    return [step["run"] for step in job["steps"][2:]]


def of_gitlab(folder: Path) -> list[str]:
    """The commands of GitLab's job behind the installation."""
    script: list[str] = yaml.safe_load((folder / ".gitlab-ci.yml").read_text())["nginx"]["script"]
    return script[1:]


def of_pre_commit(folder: Path) -> list[str]:
    """What the hooks run."""
    (local,) = yaml.safe_load((folder / ".pre-commit-config.yaml").read_text())["repos"]
    return [one["entry"] for one in local["hooks"]]


def run(command: str, folder: Path) -> Done:
    """A command as a job runs it, with the nginxgen that is tested."""
    path = os.pathsep.join([str(Path(console_script()).parent), os.environ["PATH"]])
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command]
    return nginxgen(command=words, cwd=folder, env={"PATH": path, "GITHUB_STEP_SUMMARY": str(folder / "summary.md")})


def first_failure(commands: list[str], folder: Path) -> tuple[str, Done]:
    """The command at which a job ends, and what it said."""
    for command in commands:
        if (done := run(command, folder)).code:
            return command, done
    raise AssertionError("the job is green")


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.parametrize("folder", PRESETS, indirect=True)
def test_a_new_deployment_is_green(folder: Path) -> None:
    for command in (*of_github(folder), *of_gitlab(folder)):
        done = run(command, folder)
        assert done.code == 0, f"{command}\n{done.out}{done.err}"
    assert (folder / "summary.md").read_text().count("no difference in meaning") == len(RENDERINGS)
    found = json.loads((folder / "nginx-quality.json").read_text())
    assert {one["severity"] for one in found} <= {"info"}
    has_tests = "\n[[test]]\n" in (folder / "cluster.toml").read_text()
    assert (folder / "nginx-tests.xml").is_file() is has_tests


def test_jobs_and_hooks_check_the_same(folder: Path) -> None:
    hooks = of_pre_commit(folder)
    checks = [f"nginxgen check {' '.join(files)}" for files, _ in RENDERINGS]
    drifts = [f"nginxgen diff {conf} {','.join(files)}" for files, conf in RENDERINGS]
    assert hooks == [one for pair in zip(checks, drifts, strict=True) for one in pair]
    assert of_gitlab(folder)[2:] == hooks
    assert [one.partition(" --format markdown | tee")[0] for one in of_github(folder)[1:]] == hooks
    reports = yaml.safe_load((folder / ".gitlab-ci.yml").read_text())["nginx"]["artifacts"]["reports"]
    for command in of_gitlab(folder)[:2]:
        assert command.partition(" > ")[2] in reports.values()


def test_without_tests_nobody_asks_for_them() -> None:
    made = checking_files([Checker.GITLAB], RENDERINGS, has_tests=False)
    (job,) = yaml.safe_load(made[".gitlab-ci.yml"]).values()
    assert set(job["artifacts"]["reports"]) == {"codequality"}
    assert not [one for one in job["script"] if one.startswith("nginxgen test")]


def test_a_wrong_edit_fails_with_its_line(folder: Path) -> None:
    edit(folder / "cluster.toml", 'upstream = "api"\nproxy', 'upstream = "apo"\nproxy')
    for commands in (of_github(folder), of_gitlab(folder), of_pre_commit(folder)):
        _, done = first_failure(commands, folder)
        assert done.code == 1
        # As text, as an annotation, or as code quality in a file.
        said = done.out + done.err + "".join(one.read_text() for one in folder.glob("*quality.json"))
        assert re.search(r'upstream \\?"apo\\?" is not defined', said)
        assert re.search(r'cluster\.toml:44|line=44|"begin": 44', said)


@pytest.mark.parametrize("conf", [conf for _, conf in RENDERINGS])
def test_a_file_that_drifted_fails(conf: str, folder: Path) -> None:
    edit(folder / conf, "proxy_read_timeout 30s;", "proxy_read_timeout 300s;")
    for commands in (of_github(folder), of_gitlab(folder), of_pre_commit(folder)):
        command, done = first_failure(commands, folder)
        assert command.startswith(f"nginxgen diff {conf} ")
        assert done.code == 1
        assert "nginx.conf" in done.out
        assert "proxy_read_timeout" in done.out.replace("&#95;", "_")
        assert "300s" in done.out
    assert "300s" in (folder / "summary.md").read_text()


def test_a_change_that_was_not_rendered_fails(folder: Path) -> None:
    edit(folder / "cluster.toml", 'client_max_body_size = "8m"', 'client_max_body_size = "9m"')
    command, done = first_failure(of_gitlab(folder), folder)
    assert command == "nginxgen diff nginx.conf cluster.toml"
    assert "client_max_body_size: 8m → 9m" in done.out


def test_an_insecure_setting_fails_beside_its_line(folder: Path) -> None:
    insecure = '\n[[server.location]]\npath = "/files"\nalias = "/srv/files/"\n\n# What must be true'
    edit(folder / "cluster.toml", "\n# What must be true", insecure)
    line = (folder / "cluster.toml").read_text().split("\n").index('alias = "/srv/files/"') + 1
    command, done = first_failure(of_github(folder), folder)
    assert (command, done.code) == ("nginxgen lint cluster.toml --format github", 1)
    assert "file=cluster.toml,line=" in done.out
    assert "NG2" in done.out
    command, done = first_failure(of_gitlab(folder), folder)
    assert (command.partition(" > ")[0], done.code) == ("nginxgen lint cluster.toml --format gitlab", 1)
    found: list[dict[str, Any]] = json.loads((folder / "nginx-quality.json").read_text())
    assert {one["location"]["path"] for one in found} == {"cluster.toml"}
    traversal = [one["check_name"] for one in found if abs(one["location"]["lines"]["begin"] - line) <= 1]
    assert traversal
    command, done = first_failure(of_pre_commit(folder), folder)
    assert (command, done.code) == ("nginxgen check cluster.toml", 1)
    assert traversal[0] in done.err


def test_what_lint_takes_and_a_test_does_not(folder: Path) -> None:
    edit(folder / "cluster.toml", 'path = "/api/"', 'path = "/api/v2/"')
    command, done = first_failure(of_gitlab(folder), folder)
    assert (command.partition(" > ")[0], done.code) == ("nginxgen test cluster.toml --format junit", 1)
    report = (folder / "nginx-tests.xml").read_text()
    assert "the API is asked as it was asked: backend: expected one of api, got none" in report
    for commands in (of_github(folder), of_pre_commit(folder)):
        command, done = first_failure(commands, folder)
        assert (command, done.code) == ("nginxgen check cluster.toml", 1)
        assert "expected one of api, got none" in done.err


def test_tests_see_the_files_beside_cluster_toml(folder: Path) -> None:
    """With a relative root; where an overlay has another, its own test brings stand-ins."""
    shutil.rmtree(folder / "public" / "assets")
    done = run("nginxgen test cluster.toml", folder)
    assert "assets are kept by browsers: status: expected 200, got 404" in done.err
    assert run("nginxgen test cluster.toml compose.toml", folder).code == 0
