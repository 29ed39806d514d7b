"""The wheel, the sdist and an editable install: each into an environment of its own, used from an empty folder.

Nothing is fetched: what nginxgen depends on comes from the environment that runs the tests.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from nginxgen import __version__
from support.command import HELLO, Done, environment
from support.dependencies import link_dependencies

ROOT = Path(__file__).parents[1]
TEMPLATES = {path.name for path in (ROOT / "templates").iterdir()}
EXAMPLES = {str(path.relative_to(ROOT / "examples")) for path in (ROOT / "examples").rglob("*") if path.is_file()}


def run(*words: str | Path, cwd: Path, env: dict[str, str] | None = None) -> Done:
    done = subprocess.run(
        list(map(str, words)),
        cwd=cwd,
        env=environment(PYTHONPATH="", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", **(env or {})),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def build(kind: str, folder: Path) -> Path:
    """Build one distribution, with the backend that is installed here."""
    done = run(sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", folder, ROOT, cwd=folder)
    assert done.code == 0, done.out + done.err
    (built,) = (one for one in folder.iterdir() if one.is_file())
    return built


def empty_environment(folder: Path) -> Path:
    """A new environment that sees what nginxgen depends on and no nginxgen; its Python."""
    dependencies = link_dependencies(folder / "dependencies")
    made = folder / "environment"
    venv.create(made, with_pip=False, symlinks=True)
    python = made / "bin" / "python"
    purelib = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).out.strip()
    (Path(purelib) / "dependencies.pth").write_text(f"{dependencies}\n")
    assert run(python, "-c", "import nginxgen", cwd=folder).code == 1, "nothing may be there before it is installed"
    return python


def install(python: Path, folder: Path, *what: str | Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index"]
    done = run(*pip, "--no-build-isolation", *what, cwd=folder)
    assert done.code == 0, done.out + done.err


def works(python: Path, folder: Path, source: Path | None) -> None:
    """Render, check and find templates and examples, in an empty folder; ``source`` is where an editable one lies."""
    empty = folder / "empty"
    empty.mkdir()
    nginxgen = python.parent / "nginxgen"
    where = run(python, "-c", "import nginxgen; print(nginxgen.__file__)", cwd=empty).out.strip()
    assert Path(where).is_relative_to(source or python.parents[1])
    assert run(nginxgen, "--version", cwd=empty).out == f"nginxgen {__version__}\n"
    (empty / "cluster.toml").write_text(HELLO)
    rendered = run(nginxgen, "render", "cluster.toml", cwd=empty)
    assert (rendered.code, rendered.err) == (0, "")
    assert "proxy_pass http://app;" in rendered.out
    assert run(python, "-m", "nginxgen", "render", "cluster.toml", cwd=empty) == rendered
    checked = run(nginxgen, "check", "cluster.toml", cwd=empty)
    assert (checked.code, checked.err) == (0, "") or "no nginx was found" in checked.err
    written = run(nginxgen, "templates", "own", cwd=empty)
    assert {Path(line).name for line in written.out.split()} == TEMPLATES
    assert run(nginxgen, "render", "cluster.toml", "--templates", "own", cwd=empty).out == rendered.out
    assert run(nginxgen, "schema", cwd=empty).code == 0
    assert run(nginxgen, "explain", "NG012", cwd=empty).code == 0
    made = run(nginxgen, "new", "node", "my-app", cwd=empty)
    assert made.code == 0, made.err
    for more, conf in ((), "nginx.conf"), (("compose.toml",), "compose/nginx.conf"):
        again = run(nginxgen, "render", "cluster.toml", *more, cwd=empty / "my-app")
        assert again.out == (empty / "my-app" / conf).read_text()
    assert sorted(one.name for one in empty.iterdir()) == ["cluster.toml", "my-app", "own"]


def examples_are_there(examples: Path) -> None:
    found = {str(path.relative_to(examples)) for path in examples.rglob("*") if path.is_file()}
    assert {one for one in found if "__pycache__" not in one} == {one for one in EXAMPLES if "__pycache__" not in one}


def package_of(python: Path, folder: Path) -> Path:
    where = run(python, "-c", "import nginxgen; print(nginxgen.__file__)", cwd=folder).out.strip()
    return Path(where).parent


def test_a_wheel(tmp_path: Path) -> None:
    wheel = build("wheel", tmp_path)
    names = set(zipfile.ZipFile(wheel).namelist())
    assert f"nginxgen-{__version__}-py3-none-any.whl" == wheel.name
    assert {f"nginxgen/_templates/{one}" for one in TEMPLATES} <= names
    assert {f"nginxgen/_examples/{one}" for one in EXAMPLES if "__pycache__" not in one} <= names
    assert "nginxgen/py.typed" in names
    assert {one.split("/")[0] for one in names} == {"nginxgen", f"nginxgen-{__version__}.dist-info"}
    assert not [one for one in names if "__pycache__" in one or one.endswith((".pyc", "~"))]
    metadata = zipfile.ZipFile(wheel).read(f"nginxgen-{__version__}.dist-info/METADATA").decode()
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Python: >=3.11" in metadata
    for need in ("jinja2", "typer", "crossplane", "pydantic"):
        assert f"Requires-Dist: {need}" in metadata
    for extra in ("nginx", "test"):
        assert f"Provides-Extra: {extra}" in metadata


def test_an_sdist(tmp_path: Path) -> None:
    sdist = build("sdist", tmp_path)
    with tarfile.open(sdist) as archive:
        names = {one.partition("/")[2] for one in archive.getnames()}
    assert {f"templates/{one}" for one in TEMPLATES} <= names
    assert {f"examples/{one}" for one in EXAMPLES if "__pycache__" not in one} <= names
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "nginxgen/py.typed"} <= names
    assert "tests/test_packaging.py" in names
    assert not [one for one in names if "__pycache__" in one or one.startswith((".git/", ".venv", "dist/"))]


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_an_installed_distribution_works_in_an_empty_folder(kind: str, tmp_path: Path) -> None:
    python = empty_environment(tmp_path / "place")
    (tmp_path / "built").mkdir()
    install(python, tmp_path, build(kind, tmp_path / "built"))
    works(python, tmp_path, None)
    examples_are_there(package_of(python, tmp_path) / "_examples")


def test_an_editable_install_works_in_an_empty_folder(tmp_path: Path) -> None:
    python = empty_environment(tmp_path / "place")
    install(python, tmp_path, "--editable", ROOT)
    works(python, tmp_path, ROOT)
