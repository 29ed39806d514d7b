"""How long ``nginxgen test`` takes for 200 tests: ``python tests/bench/rehearsals.py [RUNS]``.

The site has 20 groups, and ten tests for each. One test in twenty sends two requests, and so has an nginx of its own.
"""

# ruff: noqa: T201

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measuring import machine, run

GROUPS, EACH = 20, 10
LIMIT = 5.0


def site() -> str:
    """The site and its tests."""
    servers = [f'servers = ["10.0.{group}.1:8080", "10.0.{group}.2:8080"]' for group in range(GROUPS)]
    parts = [f"[upstream.g{group}]\n{said}\n" for group, said in enumerate(servers)]
    parts.append('[[server]]\nlisten = [80]\nserver_name = "shop.example.org"\n')
    parts += [f'[[server.location]]\npath = "/g{group}/"\nupstream = "g{group}"\n' for group in range(GROUPS)]
    for number in range(GROUPS * EACH):
        group = number % GROUPS
        parts.append(
            f'[[test]]\nrequest = "http://shop.example.org/g{group}/{number}"\nstatus = 200\nupstream = "g{group}"\n'
            f'passed_request = "GET /g{group}/{number}"\npassed_headers = {{ Host = "shop.example.org" }}\n'
        )
        if number % 20 == 0:
            parts.append("times = 2\ndifferent_servers = 2\n")
    return "\n".join(parts)


def main() -> None:
    """Measure, and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"rehearsals: {machine()}; {runs} runs")
    with tempfile.TemporaryDirectory(prefix="nginxgen-bench-") as folder:
        file, output = Path(folder) / "cluster.toml", Path(folder) / "said"
        file.write_text(site(), encoding="utf-8")
        command = [sys.executable, "-m", "nginxgen", "test", str(file)]
        taken = sorted(run(command, output=str(output)).seconds for _ in range(runs))
        print(f"  {output.read_text(encoding='utf-8').strip()}")
    shown = ", ".join(f"{one:.2f}" for one in taken)
    print(f"  {GROUPS * EACH} tests, from the command line to its end: {shown} s; wanted: less than {LIMIT:g} s")


if __name__ == "__main__":
    main()
