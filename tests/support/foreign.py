"""Configurations of any context before a real nginx: put into a whole one, and asked about without root or files."""

from __future__ import annotations

from pathlib import Path

from nginxgen.foreign import parse_text
from nginxgen.proof.binary import NginxBinary, run
from nginxgen.proof.shadow import Shadow

_AROUND = {
    "http": "events {{}}\nhttp {{\n{0}\n}}\n",
    "server": "events {{}}\nhttp {{ server {{\n{0}\n}} }}\n",
    "location": "events {{}}\nhttp {{ server {{ location / {{\n{0}\n}} }} }}\n",
    "upstream": "events {{}}\nhttp {{ upstream u {{\n{0}\n}} }}\n",
    "stream": "events {{}}\nstream {{\n{0}\n}}\n",
    "events": "events {{\n{0}\n}}\n",
}


def whole(text: str) -> str:
    """A text in what it takes to be a configuration."""
    configuration = parse_text(text)
    (context,) = {root.inner for root in configuration.roots}
    if context == "main":
        return text if configuration.named("events") else f"events {{}}\n{text}"
    return _AROUND[context].format(text)


def ask(text: str, nginx: NginxBinary, folder: Path) -> list[str]:
    """What ``nginx -t`` says of a text: its errors and warnings."""
    folder.mkdir()
    file = folder / "nginx.conf"
    file.write_text(Shadow(whole(text), folder, nginx.target).text())
    return _said(nginx, folder, file)


def ask_as_it_stands(text: str, nginx: NginxBinary, folder: Path) -> list[str]:
    """The same of a text that is not made fit for a machine without its files; what is no nginx stays in it."""
    (folder / "logs").mkdir(parents=True)
    file = folder / "nginx.conf"
    file.write_text(f"pid {folder}/nginx.pid;\n{whole(text)}")
    return _said(nginx, folder, file)


def _said(nginx: NginxBinary, folder: Path, file: Path) -> list[str]:
    said = run([nginx.path, "-t", "-e", "stderr", "-p", str(folder), "-c", str(file)], 60)
    return [line for line in said.splitlines() if "[emerg]" in line or "[warn]" in line]
