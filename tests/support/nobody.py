"""Python that gives up root's rights: for what an ordinary user meets, shown also where tests run as root."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.command import environment

NOBODY = 65534

# Everything that reads files of ours goes before the call of become_nobody: a checkout may be private.
_PRELUDE = f"""
import os, sys
def become_nobody():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid({NOBODY})
        os.setuid({NOBODY})
"""


def run_as_nobody(script: str, *words: str | Path, before: tuple[str, ...] = (), **env: str) -> str:
    """What a script prints, which calls ``become_nobody()`` when it is ready to."""
    done = subprocess.run(
        [*before, sys.executable, "-c", _PRELUDE + script, *map(str, words)],
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
