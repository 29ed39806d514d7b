"""How rendering grows with a cluster: ``python tests/bench/scale.py [SERVERS…]`` (1,000, 10,000 and 100,000).

The servers are in groups of ten, with a location for each group; then, for itself, all in one group with one location.
What is measured is the whole process of `nginxgen render`, with its proof, and then `nginx -t` on what it wrote, by
every nginx at hand.
"""

# ruff: noqa: T201

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measuring import Taken, machine, run

from nginxgen.proof.binary import NginxBinary, bundled_path, examine

SIZES = (1_000, 10_000, 100_000)
GROUP = 10
TIMES_NGINX, GIBIBYTE = 8, 1024


def cluster(servers: int, group: int) -> Iterator[str]:
    """The lines of a cluster.toml."""
    yield "[http]\naccess_log = false"
    for number in range(servers // group):
        addresses = (
            f'"10.{at >> 16}.{at >> 8 & 255}.{at & 255}:8080"' for at in range(number * group, (number + 1) * group)
        )
        yield f"[upstream.group_{number}]\nservers = [{', '.join(addresses)}]"
    yield '[[server]]\nlisten = [8080]\nserver_name = ["example.org"]'
    for number in range(servers // group):
        yield f'[[server.location]]\npath = "/service/{number}/"\nupstream = "group_{number}"'


def binaries() -> list[NginxBinary]:
    """The system's nginx and the bundled one, where they are."""
    found = [shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin"), bundled_path()]
    return [examine(path) for path in found if path]


def middle(taken: list[Taken]) -> Taken:
    """The median of several runs, and the most memory of any."""
    seconds, cpu = (statistics.median(one[at] for one in taken) for at in (0, 1))
    return Taken(seconds, cpu, max(one.megabytes for one in taken))


def measure(servers: int, group: int, folder: Path, known: list[NginxBinary]) -> None:
    """Print one line: of several runs in turns, the medians."""
    source, text = folder / "cluster.toml", folder / "nginx.conf"
    source.write_text("\n".join(cluster(servers, group)))
    render = [sys.executable, "-m", "nginxgen", "render", str(source)]
    tests = [[one.path, "-t", "-q", "-p", str(folder), "-c", str(text), "-g", f"pid {folder}/pid;"] for one in known]
    rounds = [(run(render, output=str(text)), *map(run, tests)) for _ in range(5 if servers <= 10_000 else 3)]
    rendered, *tested = (middle(list(column)) for column in zip(*rounds, strict=True))
    ratios = "   ".join(
        f"nginx {one.target.lowest} -t: {taken.seconds:.2f} s, ratio {rendered.seconds / taken.seconds:.1f}"
        for one, taken in zip(known, tested, strict=True)
    )
    each = 1e6 * rendered.seconds / servers
    print(
        f"  {servers:>7,} servers: {rendered.seconds:6.2f} s ({each:4.0f} µs a server), {rendered.megabytes:4.0f} MiB"
        f"   {ratios}",
        flush=True,
    )


def main() -> None:
    """Measure, and print."""
    sizes = [int(one.replace(",", "")) for one in sys.argv[1:]] or SIZES
    print(f"scale: {machine()}")
    print(f"wanted at {SIZES[-1]:,}: at most {TIMES_NGINX} times nginx -t, under {GIBIBYTE} MiB, and linear before it")
    known = binaries()
    with tempfile.TemporaryDirectory(prefix="nginxgen-bench-") as name:
        print(f"groups of {GROUP}, a location each:")
        for servers in sizes:
            measure(servers, GROUP, Path(name), known)
        print("one group:")
        for servers in sizes:
            measure(servers, servers, Path(name), known)


if __name__ == "__main__":
    main()
