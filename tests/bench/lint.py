"""How long `nginxgen lint` takes on much text: ``python tests/bench/lint.py [ROUNDS]``.

One configuration of 10,000 lines, and a folder of 500 small files, each beside what Gixy-Next and ``nginx -t`` take for
the same, in turns; the files are made here.
"""

# ruff: noqa: T201

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measuring import machine, run

from nginxgen.proof.binary import find_binary

BIN = Path(sys.executable).parent
SITE = """\
upstream group{number} {{
    zone group{number} 64k;
    server 127.0.0.1:{port};
    server 127.0.0.1:{other} weight=2;
    keepalive 16;
}}

server {{
    listen 127.0.0.1:8080;
    server_name site{number}.example.org www.site{number}.example.org;
    access_log off;

    location / {{
        proxy_pass http://group{number};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        add_header X-Site "{number}" always;
    }}

    location ~* \\.(?:png|css|js)$ {{
        root /srv/www/site{number};
        expires 1h;
    }}
}}
"""
MAIN = (
    "worker_processes 2;\npid nginx.pid;\nerror_log stderr;\nevents {{ worker_connections 512; }}\nhttp {{\n{0}\n}}\n"
)


def site(number: int) -> str:
    """A group and a server of one's own."""
    return SITE.format(number=number, port=10000 + number, other=30000 + number)


def measure(name: str, commands: dict[str, Sequence[str]], rounds: int, limit: float) -> None:
    """Run commands in turns, and print what each took, against the first."""
    taken: dict[str, list[float]] = {one: [] for one in commands}
    for _ in range(rounds):
        for one, command in commands.items():
            taken[one].append(run([*command]).seconds)
    first, *others = commands
    own = statistics.median(taken[first])
    print(f"  {name}: {own:.2f} s; wanted: at most {limit} s")
    for one in others:
        theirs = statistics.median(taken[one])
        print(f"    {one}: {theirs:.2f} s; lint takes {own / theirs:.2f} times as long")


def main() -> None:
    """Measure, and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"lint: {machine()}; {rounds} rounds")
    nginx = find_binary(None)
    with tempfile.TemporaryDirectory(prefix="nginxgen-bench-") as name:
        folder = Path(name)
        one = folder / "nginx.conf"
        sites = 10_000 // SITE.count("\n")
        one.write_text(MAIN.format("server_names_hash_max_size 8192;\n" + "\n".join(map(site, range(sites)))))
        many = folder / "many"
        (many / "conf.d").mkdir(parents=True)
        for number in range(500):
            (many / "conf.d" / f"site{number}.conf").write_text(site(number))
        (many / "nginx.conf").write_text(MAIN.format("server_names_hash_max_size 8192;\ninclude conf.d/*.conf;"))
        for title, file, limit in (("10,000 lines", one, 2), ("500 files", many / "nginx.conf", 10)):
            commands = {
                "lint": [str(BIN / "nginxgen"), "lint", "--no-gixy", "--exit-zero", str(file)],
                f"nginx -t ({nginx.target.lowest})": [nginx.path, "-t", "-q", "-p", str(folder), "-c", str(file)],
            }
            if (gixy := BIN / "gixy").is_file():
                commands["Gixy-Next"] = ["/bin/sh", "-c", f"{gixy} {file} || true"]
            measure(title, commands, rounds, limit)


if __name__ == "__main__":
    main()
