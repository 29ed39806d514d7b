"""How long a small `nginxgen render` takes, from nothing: ``python tests/bench/startup.py [PAIRS]``.

It is set against the import of what nginxgen is built on, in the same interpreter, in turns, and the ratio is that of
each pair: what else the machine does meets both. Both find their bytecode compiled, in a folder of their own.
"""

# ruff: noqa: T201

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from measuring import machine, run, spread

HELLO = Path(__file__).parents[2] / "examples" / "hello" / "cluster.toml"
BARE = [sys.executable, "-c", "import jinja2, typer, crossplane, pydantic"]
NOTHING = [sys.executable, "-c", "pass"]
LIMIT = 1.6


def render_command() -> list[str]:
    """What a person types, or the same without the script."""
    script = shutil.which("nginxgen", path=str(Path(sys.executable).parent))
    return [*([script] if script else [sys.executable, "-m", "nginxgen"]), "render", str(HELLO)]


def compiled(folder: str) -> Mapping[str, str]:
    """An environment in which bytecode is written to, and read from, a folder."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": folder}


def main() -> None:
    """Measure, and print."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 41
    print(f"startup: {machine()}; {pairs} pairs")
    render = render_command()
    with tempfile.TemporaryDirectory(prefix="nginxgen-bench-") as folder:
        environment = compiled(folder)
        for command in (render, BARE, NOTHING) * 2:
            run(command, environment)
        taken = [(run(render, environment), run(BARE, environment), run(NOTHING, environment)) for _ in range(pairs)]
    for name, at in (("render of examples/hello", 0), ("bare imports", 1), ("Python itself", 2)):
        print(f"  {name}: {1000 * statistics.median(one[at].seconds for one in taken):.0f} ms")
    print(f"  ratio, wall: {spread([one[0].seconds / one[1].seconds for one in taken])}; wanted: at most {LIMIT}")
    print(f"  ratio, CPU:  {spread([one[0].cpu / one[1].cpu for one in taken])}")


if __name__ == "__main__":
    main()
