"""Files are written whole or not at all, whatever fails in the middle."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from nginxgen import Unavailable, write
from support.nobody import run_as_nobody

OLD, NEW = "# old\n", "# new\n" * 1000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "nginx.conf"
    made.write_text(OLD)
    return made


def content(folder: Path) -> dict[str, str]:
    return {one.name: one.read_text() for one in folder.iterdir()}


def test_the_previous_one_is_kept(path: Path) -> None:
    assert write(path, NEW) is True
    assert content(path.parent) == {"nginx.conf": NEW, "nginx.conf~": OLD}
    assert write(path, "third") is True
    assert content(path.parent) == {"nginx.conf": "third", "nginx.conf~": NEW}


def test_the_same_text_is_not_written(path: Path) -> None:
    before = path.stat()
    assert write(path, OLD) is False
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )
    assert content(path.parent) == {"nginx.conf": OLD}


def test_line_ends_and_letters_are_written_as_they_are(tmp_path: Path) -> None:
    write(tmp_path / "a", "a\r\nb\n\tü😀")
    assert (tmp_path / "a").read_bytes() == "a\r\nb\n\tü😀".encode()


@pytest.mark.parametrize("failing", ["first", "second", "fsync", "fchmod"])
def test_a_failure_in_the_middle_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    """Of the system's calls, one fails: the first or second renaming, or what comes before them."""
    calls: list[str] = []
    name = failing if failing in ("fsync", "fchmod") else "replace"
    real = getattr(os, name)

    def fail(*given: object) -> object:
        calls.append(name)
        if failing == "second" and len(calls) == 1:
            return real(*given)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, name, fail)
    with pytest.raises(Unavailable, match=r"nginx.conf cannot be written: No space left on device"):
        write(path, NEW)
    assert calls
    assert path.read_text() == OLD
    assert set(content(path.parent)) <= {"nginx.conf", "nginx.conf~"}, "something half written was left"


@pytest.mark.parametrize("died", [1, 2])
def test_a_process_that_dies_in_the_middle_leaves_the_old_file_whole(path: Path, died: int) -> None:
    script = (
        "import os, sys\nfrom nginxgen import write\nreal, calls = os.replace, []\n"
        "def die(*given):\n    calls.append(1)\n"
        f"    os._exit(9) if len(calls) == {died} else real(*given)\n"
        f"os.replace = die\nwrite(sys.argv[1], {NEW!r})"
    )
    assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == 9
    assert path.read_text() == OLD
    assert died == 1 or (path.parent / "nginx.conf~").read_text() == OLD


def test_a_disk_without_room(path: Path) -> None:
    script = "import resource, sys\nfrom nginxgen import Unavailable, write\n"
    script += "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\ntry:\n    write(sys.argv[1], 'x' * 100_000)\n"
    script += "except Unavailable as problem:\n    print(problem)"
    done = subprocess.run([sys.executable, "-B", "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert "cannot be written" in done.stdout
    assert path.read_text() == OLD
    assert set(content(path.parent)) <= {"nginx.conf", "nginx.conf~"}


def test_a_folder_that_may_not_be_written_to() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        path = folder / "nginx.conf"
        path.write_text(OLD)
        folder.chmod(0o555)
        script = "from nginxgen import Unavailable, write\nbecome_nobody()\ntry:\n    write(sys.argv[1], 'new')\n"
        script += "except Unavailable as problem:\n    print(problem)"
        assert run_as_nobody(script, path) == f"{path} cannot be written: Permission denied\n"
        assert content(folder) == {"nginx.conf": OLD}
    finally:
        folder.chmod(0o755)
        path.unlink()
        folder.rmdir()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664, 0o755])
def test_the_mode_is_kept(path: Path, mode: int) -> None:
    path.chmod(mode)
    write(path, NEW)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert stat.S_IMODE((path.parent / "nginx.conf~").stat().st_mode) == mode


def test_the_owner_is_kept(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may give files away")
    os.chown(path, 12345, 23456)
    write(path, NEW)
    for one in path, path.parent / "nginx.conf~":
        assert (one.stat().st_uid, one.stat().st_gid) == (12345, 23456)


def test_links_stay_links(tmp_path: Path) -> None:
    real, first, second = tmp_path / "real", tmp_path / "first", tmp_path / "second"
    real.write_text(OLD)
    first.symlink_to("real")
    second.symlink_to(first)
    write(second, NEW)
    assert first.is_symlink()
    assert second.is_symlink()
    assert real.read_text() == NEW
    assert (tmp_path / "real~").read_text() == OLD


def test_a_link_to_nothing_makes_the_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    assert write(tmp_path / "link", NEW) is True
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == NEW


@pytest.mark.parametrize("name", ["", ".", "missing/nginx.conf", "nginx.conf/below"])
def test_where_nothing_can_stand(path: Path, name: str) -> None:
    with pytest.raises(Unavailable, match=r"cannot be written|is a folder"):
        write(f"{path.parent}/{name}", NEW)
    assert content(path.parent) == {"nginx.conf": OLD}


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_what_is_no_file_is_not_replaced(tmp_path: Path, kind: str) -> None:
    """``-o /dev/null``, typed by root, must not make a file of it."""
    path = tmp_path / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    else:
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
            path.read_bytes()
        except OSError:
            pytest.skip("devices cannot be made here")
    before = path.lstat()
    script = "import sys\nfrom nginxgen import Unavailable, write\ntry:\n    write(sys.argv[1], 'new')\n"
    script += "except Unavailable as problem:\n    print(problem)"
    subprocess.run([sys.executable, "-c", script, str(path)], timeout=20, check=True, capture_output=True)
    after = path.lstat()
    assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino)
