"""Requests a second through the tutorial's system: as nginxgen recommends it, and as the tutorial wrote it.

``python tests/bench/traffic.py [--seconds 2] [--rounds 15] [--connections 64] [--one-core]`` serves the rendering of
examples/tutorial/cluster.toml for Debian 12, and the seed's own nginx.conf, with the same nginx before the same two
backends, and lets wrk ask both in turns. Only ports and paths are changed.

The backends are another nginx that answers at once. All share all cores, and each file says how many workers it wants;
with ``--one-core`` the nginx that is measured has a core for itself, and wrk and the backends have the others.
What others made of the machine meanwhile is told too: above a tenth of a core the figures are worth little.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from measuring import machine

from nginxgen import load, render

HERE = Path(__file__).parents[2]
sys.path.insert(0, str(HERE / "tests"))

from support.running import end_process, free_port, wait_for_port, wait_until  # noqa: E402

TUTORIAL = HERE / "examples" / "tutorial" / "cluster.toml"
SEED = HERE.parent / "shared" / "seed" / "nginx.conf"
TARGET = "debian-12"
WANTED = 3.5
BACKENDS = """
worker_processes 1;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 100000000;
    server {
        listen 127.0.0.1:8080 backlog=4096;
        listen 127.0.0.1:8081 backlog=4096;
        return 200 "hello world\\n";
    }
}
"""


class Run(NamedTuple):
    """What one run of wrk showed."""

    rate: float
    cpu: float
    """Microseconds of nginx for each request."""
    errors: int
    others: float
    """Cores that were busy with something else."""


class Arguments(argparse.Namespace):
    """What was asked for."""

    seconds: int
    rounds: int
    connections: int
    one_core: bool
    nginx: str | None


def read_arguments() -> Arguments:
    """The command line's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--one-core", action="store_true")
    parser.add_argument("--nginx", default=shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"))
    arguments = parser.parse_args(namespace=Arguments())
    if not arguments.nginx or not shutil.which("wrk"):
        sys.exit("this needs nginx and wrk")
    return arguments


def cores(one_core: bool) -> tuple[set[int], set[int]]:
    """The cores of the nginx that is measured, and of everything else."""
    available = sorted(os.sched_getaffinity(0))
    if one_core and len(available) > 1:
        return {available[0]}, set(available[1:])
    return set(available), set(available)


def in_http(text: str, directives: str) -> str:
    """The text with something more in its http block."""
    return text.replace("http {", f"http {{ {directives}", 1)


@contextmanager
def serving(binary: str, text: str, port: int, pinned: set[int]) -> Iterator[subprocess.Popen[bytes]]:
    """An nginx on some cores that serves a text, whose FOLDER is one of its own."""
    with tempfile.TemporaryDirectory(prefix="nginxgen-bench-") as name:
        folder = Path(name)
        (folder / "logs").mkdir()
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        text = in_http(text, " ".join(f"{kind}_temp_path FOLDER/{kind};" for kind in kinds))
        (folder / "nginx.conf").write_text(text.replace("FOLDER", name))
        main = f"daemon off; pid {name}/nginx.pid; error_log {name}/logs/error.log;"
        main += " user root;" if os.geteuid() == 0 else ""
        command = [binary, "-p", name, "-c", f"{name}/nginx.conf", "-g", main]
        process = subprocess.Popen(command, preexec_fn=lambda: os.sched_setaffinity(0, pinned))
        try:
            wait_for_port(port, process)
            wait_until(lambda: workers(process), "nginx has workers")
            yield process
        finally:
            end_process(process)


def workers(process: subprocess.Popen[bytes]) -> list[str]:
    """The workers of an nginx."""
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def used_by(process: subprocess.Popen[bytes]) -> float:
    """The seconds of CPU that an nginx's workers have used so far."""
    stats = [Path(f"/proc/{worker}/stat").read_text().rpartition(") ")[2].split() for worker in workers(process)]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")


def used_by_all() -> float:
    """The seconds of CPU that all processes have used so far."""
    with open("/proc/stat") as file:
        fields = list(map(int, file.readline().split()[1:]))
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def used_by_children() -> float:
    """The seconds of CPU that commands which have ended have used: wrk's."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ask(measured: subprocess.Popen[bytes], port: int, backends: subprocess.Popen[bytes], arguments: Arguments) -> Run:
    """Let wrk ask for a while."""
    _, pinned = cores(arguments.one_core)
    url = f"http://127.0.0.1:{port}/foo"
    command = ["wrk", "-t1", f"-c{arguments.connections}", f"-d{arguments.seconds}s", url]
    before = used_by_all(), used_by_children(), used_by(backends), used_by(measured)
    began = time.perf_counter()
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, preexec_fn=lambda: os.sched_setaffinity(0, pinned)
    )
    seconds = time.perf_counter() - began
    after = used_by_all(), used_by_children(), used_by(backends), used_by(measured)
    everything, *ours = (late - early for early, late in zip(before, after, strict=True))
    requests = int(re.findall(r"(\d+) requests in", done.stdout)[0])
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", done.stdout)[0])
    wrong = re.findall(r"(?:connect|read|write|timeout|responses:) (\d+)", done.stdout)
    return Run(rate, 1e6 * ours[-1] / requests, sum(map(int, wrong)), max(everything - sum(ours), 0) / seconds)


def rendering() -> str:
    """The rendering, with the folder of this benchmark."""
    return render(load(TUTORIAL), TARGET).text.replace("/var/log/nginx/", "FOLDER/logs/")


def seed() -> str:
    """The seed's own file, which logs every request at once, since it does not say otherwise."""
    return re.sub(r"include\s+mime.types;", "access_log FOLDER/logs/access.log;", SEED.read_text())


def compare(texts: dict[str, str], arguments: Arguments) -> dict[str, list[Run]]:
    """Runs of each text, in turns."""
    measured, others = cores(arguments.one_core)
    moved = {"8080": free_port(), "8081": free_port()}

    def on_ports(text: str, port: int) -> str:
        text = re.sub(r"127\.0\.0\.1:(808[01])", lambda found: f"127.0.0.1:{moved[found[1]]}", text)
        return re.sub(r"listen(\s+)80\b", rf"listen\g<1>127.0.0.1:{port}", text)

    assert arguments.nginx
    ports = {name: free_port() for name in texts}
    runs: dict[str, list[Run]] = {name: [] for name in texts}
    with ExitStack() as stack:
        backend_text = on_ports(BACKENDS, 0)
        backends = stack.enter_context(serving(arguments.nginx, backend_text, moved["8081"], others))
        served = {
            name: stack.enter_context(serving(arguments.nginx, on_ports(text, ports[name]), ports[name], measured))
            for name, text in texts.items()
        }
        for number in range(arguments.rounds + 1):
            for name, process in served.items():
                run = ask(process, ports[name], backends, arguments)
                if number:  # the first is for warming up
                    runs[name].append(run)
    return runs


def median(runs: list[Run]) -> Run:
    """The medians of several runs, and the errors of all."""
    rate, cpu, _, others = (statistics.median(one[at] for one in runs) for at in range(4))
    return Run(rate, cpu, sum(one.errors for one in runs), others)


def title(arguments: Arguments) -> str:
    """What is measured, for the first line of a report."""
    placed = "nginx on one core" if arguments.one_core else "all on all cores"
    return (
        f"traffic: {machine()}; {arguments.rounds} rounds of {arguments.seconds} s,"
        f" {arguments.connections} connections, {placed}"
    )


def main() -> None:
    """Measure, and print."""
    arguments = read_arguments()
    print(title(arguments))
    if not SEED.exists():
        sys.exit(f"the seed's nginx.conf is not there: {SEED}")
    runs = compare({"nginxgen": rendering(), "the seed": seed()}, arguments)
    for name, all_runs in runs.items():
        one = median(all_runs)
        print(
            f"  {name}: {one.rate:7,.0f} requests/s, {one.cpu:5.1f} µs of nginx's CPU each, {one.errors} errors"
            f" (others: {one.others:.0%} of a core)"
        )
    ratios = [mine.rate / theirs.rate for mine, theirs in zip(runs["nginxgen"], runs["the seed"], strict=True)]
    rounds = ", ".join(f"{one:.2f}" for one in ratios)
    print(f"  requests/s: {statistics.median(ratios):.2f} times as many (rounds: {rounds}); wanted: {WANTED}")
    less = median(runs["the seed"]).cpu / median(runs["nginxgen"]).cpu
    print(f"  CPU for each: {less:.2f} times less")


if __name__ == "__main__":
    main()
