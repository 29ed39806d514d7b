"""Outlives its supervisor by a moment: ends every process group that was entrusted to it, and removes its files.

Run as ``python -I -S guardian.py``; its standard input is a pipe that only the supervisor can write to, so that the end
of that pipe is the end of the supervisor, whatever ended it. Lines are ``+GROUP``, ``-GROUP``, ``=PATH`` (a file to
remove), ``/PATH`` (the run folder, to be emptied but for its pid file), and ``done`` from a supervisor that has ended
all that it knows of. Processes that have left their groups are known by the run folder in their environment. It has the
lock of that folder as well, so that nobody uses it before it is empty. Uses the standard library alone: it has to be
small, and to start before anything it guards.
"""

import contextlib
import os
import signal
import sys
import time

RUN = "NGINXGEN_RUN"
"""The variable that workers have the run folder in."""
PATIENCE = 2.0
"""Seconds that a process has between SIGTERM and SIGKILL: its supervisor is gone, and so is whoever waits for it."""
STEP = 0.02


def main() -> None:
    """Remember what is told, until nobody can tell any more."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    paths: set[str] = set()
    folders: set[str] = set()
    runs: set[str] = set()
    for line in sys.stdin:
        word = line.strip()
        if word.startswith("+"):
            groups.add(int(word[1:]))
        elif word.startswith("-"):
            groups.discard(int(word[1:]))
        elif word.startswith("="):
            paths.add(word[1:])
        elif word.startswith("/"):
            folders.add(word)
            runs.add(word)
        elif word == "done":
            folders.clear()
            break
    end(groups)
    for run in runs:
        end_strays(run)
    for path in paths:
        with contextlib.suppress(OSError):
            os.unlink(path)
    for folder in folders:
        empty(folder)


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
            elif entry.name != "pid":
                os.unlink(entry.path)


def tell(group: int, number: int) -> bool:
    """Send a signal to a process group; whether there is one."""
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
