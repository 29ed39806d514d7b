"""How long ``nginxgen test`` takes for 200 tests: a site with 20 groups, ten tests for each.

Run by hand: ``python tests/bench/rehearsals.py``. One test in twenty sends two requests, and so has an nginx of its own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

GROUPS, EACH = 20, 10


def site() -> str:
    """The site and its tests."""
    parts = []
    for group in range(GROUPS):
        servers = f'servers = ["10.0.{group}.1:8080", "10.0.{group}.2:8080"]'
        parts += [f"[upstream.g{group}]\n{servers}\n"]
    parts += ['[[server]]\nlisten = [80]\nserver_name = "shop.example.org"\n']
    for group in range(GROUPS):
        parts += [f'[[server.location]]\npath = "/g{group}/"\nupstream = "g{group}"\n']
    for number in range(GROUPS * EACH):
        group = number % GROUPS
        parts += [
            f'[[test]]\nrequest = "http://shop.example.org/g{group}/{number}"\nstatus = 200\nupstream = "g{group}"\n'
            f'passed_request = "GET /g{group}/{number}"\npassed_headers = {{ Host = "shop.example.org" }}\n'
        ]
        if number % 20 == 0:
            parts += ["times = 2\ndifferent_servers = 2\n"]
    return "\n".join(parts)


def main() -> None:
    """Print the time of five runs, the fastest first."""
    with tempfile.TemporaryDirectory(prefix="nginxgen-bench-") as folder:
        file = Path(folder) / "cluster.toml"
        file.write_text(site(), encoding="utf-8")
        times = []
        for _ in range(5):
            began = time.monotonic()
            command = [sys.executable, "-m", "nginxgen", "test", str(file)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            times.append(time.monotonic() - began)
        print(done.stdout.strip())
        print(f"{GROUPS * EACH} tests: {', '.join(f'{one:.2f}' for one in sorted(times))} s")


if __name__ == "__main__":
    main()
