"""Outlives its supervisor by a moment: ends every process group that was entrusted to it, and removes its files.

Run as ``python -I -S guardian.py FOLDER``; its standard input is a pipe that only the supervisor can write to, so that
the end of that pipe is the end of the supervisor, whatever ended it. Lines are ``+GROUP``, ``-GROUP`` and ``=PATH`` (a
file to remove). Processes that have left their groups are known by the run folder in their environment. That folder it
removes last, also after an orderly end; it has its lock as well, so that nobody uses it before. Uses the standard
library alone: it has to be small, and to start before anything it guards.
"""

import contextlib
import os
import signal
import sys
import time

OWN = f"nginxgen-{os.getuid()}"
"""The folder of the run folders that nobody has named."""
LOCK = "pid"
"""The file of a run folder that is its lock, and has the pid of who has it."""
RUN = "NGINXGEN_RUN"
"""The variable that workers have the run folder in."""
PATIENCE = 2.0
"""Seconds that a process has between SIGTERM and SIGKILL: its supervisor is gone, and so is whoever waits for it."""
STEP = 0.02


def main() -> None:
    """Remember what is told, until nobody can tell any more."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    folder = sys.argv[1]
    groups: set[int] = set()
    paths: set[str] = set()
    for line in sys.stdin:
        word = line.strip()
        if word.startswith("+"):
            groups.add(int(word[1:]))
        elif word.startswith("-"):
            groups.discard(int(word[1:]))
        elif word.startswith("="):
            paths.add(word[1:])
    end(groups)
    end_strays(folder)
    for path in paths:
        with contextlib.suppress(OSError):
            os.unlink(path)
    remove(folder)


def end(groups: set[int]) -> None:
    """End process groups, politely first."""
    left = {group for group in groups if tell(group, signal.SIGTERM)}
    until = time.monotonic() + PATIENCE
    while left and time.monotonic() < until:
        time.sleep(STEP)
        left = {group for group in left if tell(group, 0)}
    for group in left:
        tell(group, signal.SIGKILL)


def end_strays(run: str) -> None:
    """End what a worker has started in a session of its own."""
    mark = os.fsencode(f"{RUN}={run}")
    for entry in list(os.scandir("/proc")):
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError), open(f"/proc/{entry.name}/environ", "rb") as environment:
                handle = os.pidfd_open(int(entry.name))  # before it is read, so that it is of the same process
                if mark in environment.read().split(b"\0"):
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                os.close(handle)


def empty(folder: str) -> None:
    """Remove what is in a folder, but for the file that is its lock."""
    import shutil

    with contextlib.suppress(OSError):
        for entry in list(os.scandir(folder)):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.name != LOCK:
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)


def remove(folder: str) -> None:
    """Remove what is in a folder, its lock, and the folder itself unless somebody has named it."""
    empty(folder)
    with contextlib.suppress(OSError):
        os.unlink(f"{folder}/{LOCK}")
        if os.path.basename(os.path.dirname(folder)) == OWN:
            os.rmdir(folder)


def tell(group: int, number: int) -> bool:
    """Send a signal to a process group; whether there is one."""
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
