"""Many files at once: all of them are written, or none is and everything is as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nginxgen.errors import Unavailable
from nginxgen.scaffold import writing
from nginxgen.scaffold.writing import taken, write_all

FILES = {"a": b"1", "b/c": b"2", "b/d/e": b"3", "z": b"4"}


def everything(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below one."""
    return {str(one.relative_to(folder)): one.read_bytes() if one.is_file() else None for one in folder.rglob("*")}


def test_into_a_folder_that_is_made(tmp_path: Path) -> None:
    write_all(tmp_path / "new" / "er", FILES)
    assert {name: data for name, data in everything(tmp_path / "new" / "er").items() if data} == FILES


def test_what_is_taken(tmp_path: Path) -> None:
    assert taken(tmp_path, FILES) == []
    write_all(tmp_path, FILES)
    assert taken(tmp_path, FILES) == []
    (tmp_path / "a").write_text("other")
    (tmp_path / "z").unlink()
    (tmp_path / "z").symlink_to("nowhere")
    (tmp_path / "b" / "c").unlink()
    (tmp_path / "b" / "c").mkdir()
    assert taken(tmp_path, FILES) == ["a", "b/c", "z"]


def test_what_was_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before")
    write_all(tmp_path, FILES)
    assert (tmp_path / "a~").read_text() == "before"
    assert (tmp_path / "a").read_bytes() == b"1"


@pytest.mark.parametrize("problem", [OSError(28, "No space left on device"), KeyboardInterrupt(), Unavailable("no")])
def test_when_one_fails_everything_is_as_it_was(
    problem: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("before")
    (tmp_path / "z~").write_text("earlier still")
    (tmp_path / "z").write_text("earlier")
    before = everything(tmp_path)
    real = writing.write_file

    def full(path: Path, data: bytes, keep: bool = True) -> bool:
        done = real(path, data, keep)
        if path.name == "z" and keep:
            raise problem
        return done

    monkeypatch.setattr(writing, "write_file", full)
    with pytest.raises(KeyboardInterrupt if isinstance(problem, KeyboardInterrupt) else Unavailable):
        write_all(tmp_path, FILES)
    assert everything(tmp_path) == before


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("a file, where a folder is needed")
    before = everything(tmp_path)
    with pytest.raises(Unavailable, match="cannot be written"):
        write_all(tmp_path, FILES)
    assert everything(tmp_path) == before


def test_files_get_the_mode_that_the_umask_says(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_all(tmp_path, FILES)
    finally:
        os.umask(mask)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
