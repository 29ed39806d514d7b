"""Rehearsals for tests: on both binaries, in a network of their own and in the network of all."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from nginxgen.loading import Loaded, read_files
from nginxgen.proof.asking import ask_nginx
from nginxgen.proof.binary import NginxBinary
from nginxgen.proven import render
from nginxgen.rehearsal.company import Company
from nginxgen.rehearsal.rehearse import Rehearsal, rehearse

Rehearse = Callable[..., Rehearsal]


@functools.cache
def refused() -> str | None:
    """Why this machine gives nobody a network of its own."""
    folder = tempfile.mkdtemp(prefix="nginxgen-test-")  # the company removes it
    with Company(Path(folder), own_network=True) as company:
        return company.network


@pytest.fixture(params=["own", "shared"])
def own_network(request: pytest.FixtureRequest) -> bool:
    """Whether tests run in a network of their own."""
    if request.param == "own" and (reason := refused()):
        pytest.skip(f"this machine gives no network of its own: {reason}")
    return bool(request.param == "own")


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[[str], Loaded]:
    """A cluster file's text, loaded."""

    def load(text: str) -> Loaded:
        file = tmp_path / "cluster.toml"
        file.write_text(text, encoding="utf-8")
        read = read_files([str(file)])
        assert not read.problems, read.problems
        return read

    return load


@pytest.fixture
def rehearsed(nginx: NginxBinary, own_network: bool, loaded: Callable[[str], Loaded]) -> Rehearse:
    """Runs the tests of a cluster file's text."""

    def run(text: str, names: str | None = None) -> Rehearsal:
        read = loaded(text)
        rendered = render(read, nginx.target)
        accepted = ask_nginx(rendered, nginx)
        assert accepted.accepted, accepted.diagnostics
        return rehearse(read.cluster.test, rendered, accepted, names, own_network)

    return run
