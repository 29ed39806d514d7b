"""The run folder and its lock, also while the folder of one before is being removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nginxgen.errors import Unavailable
from nginxgen.supervise.folder import Lock, run_folder
from nginxgen.supervise.guardian import remove


@pytest.fixture
def folder(public: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(public))
    return run_folder(public / "cluster.toml")


def test_a_second_lock_is_refused_with_the_pid_of_the_first(folder: Path) -> None:
    first = Lock(folder)
    with pytest.raises(Unavailable, match=f"runs here already: pid {os.getpid()} "):
        Lock(folder)
    first.release()
    Lock(folder).release()


def test_a_lock_of_a_file_that_was_removed_keeps_nobody_out(folder: Path) -> None:
    """Who held it removes it before it lets go, and somebody else may have opened it by then."""
    first = Lock(folder)
    remove(str(folder))
    assert not folder.exists()
    second = Lock(folder)
    first.release()
    with pytest.raises(Unavailable, match="runs here already"):
        Lock(folder)
    second.release()


def test_a_folder_that_somebody_has_named_stays(folder: Path, public: Path) -> None:
    named = public / "run"
    for one in (folder, named):
        lock = Lock(one)
        (one / "nginx.conf").touch()
        (one / "proxy_temp").mkdir()
        lock.clear()
        assert [path.name for path in one.iterdir()] == ["pid"]
        remove(str(one))
        lock.release()
    assert not folder.exists()
    assert list(named.iterdir()) == []
