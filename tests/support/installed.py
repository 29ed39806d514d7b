"""An nginx that runs from a file of its own, as one does on a server, for what changes that file."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil

from nginxgen import load, render
from nginxgen.live.generation import workers_of
from nginxgen.live.master import is_idle, master_of
from nginxgen.proof.binary import NginxBinary
from support.command import Done, nginxgen
from support.running import Client, end_process, free_port, wait_for_port, wait_until, written
from support.site import fill

OWN_PATHS = """
[nginx]
worker_processes = 2
pid = "FOLDER/nginx.pid"
error_log = "FOLDER/error.log"
[http]
access_log = "off"
client_body_temp_path = "FOLDER/client_body"
proxy_temp_path = "FOLDER/proxy"
directives = [["fastcgi_temp_path", "FOLDER/f"], ["uwsgi_temp_path", "FOLDER/u"], ["scgi_temp_path", "FOLDER/s"]]
"""
SAYS = """
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "/"
return = [200, "WORD"]
"""


class Host:
    """A folder with cluster.toml, nginx.conf, and an nginx that reads the latter."""

    def __init__(self, folder: Path, binary: NginxBinary) -> None:
        self.folder = folder
        self.binary = binary
        self.port = free_port()
        self.conf = folder / "nginx.conf"
        self.toml = folder / "cluster.toml"
        self.process: subprocess.Popen[bytes] | None = None

    def says(self, word: str, port: int | None = None, more: str = "") -> None:
        """Let cluster.toml describe a server that answers with a word."""
        self.describe(SAYS + more, WORD=word, PORT=port or self.port)

    def describe(self, toml: str, **values: object) -> None:
        """Let cluster.toml hold a text, and what keeps nginx inside the folder."""
        self.toml.write_text(fill(OWN_PATHS + toml, FOLDER=self.folder, **{"PORT": self.port, **values}))

    def install(self) -> None:
        """Put what cluster.toml describes in the place of nginx.conf, by hand."""
        self.conf.write_text(self.rendered)

    @property
    def rendered(self) -> str:
        """What cluster.toml describes."""
        return render(load(self.toml)).text

    def start(self) -> None:
        """Start nginx on what is installed."""
        command = [self.binary.path, "-p", str(self.folder), "-c", str(self.conf), "-g", "daemon off;"]
        with open(self.folder / "stderr", "wb") as stderr:
            self.process = subprocess.Popen(command, stderr=stderr, stdout=stderr, stdin=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)
        wait_until(lambda: written(self.folder / "nginx.pid"), "nginx writes its pid")
        wait_until(lambda: is_idle(master_of(self.master.pid)), "the main process has started its workers")
        wait_until(lambda: len(self.serving()) == len(self.master.children()), "every worker serves")

    def stop(self) -> None:
        """End nginx."""
        if self.process is not None:
            end_process(self.process)
            self.process = None

    @property
    def master(self) -> psutil.Process:
        """The master that runs."""
        assert self.process
        return psutil.Process(self.process.pid)

    def words(self, *more: str | Path) -> list[str | Path]:
        """The words of a command line that applies cluster.toml."""
        return ["apply", self.toml.name, "--to", self.conf, *more]

    def apply(self, *more: str | Path) -> Done:
        """Apply cluster.toml, without being asked."""
        return nginxgen(*self.words("--yes", *more), cwd=self.folder)

    def get(self, port: int | None = None, path: str = "/") -> str:
        """The body of the answer to one request."""
        with Client(port or self.port) as client:
            return client.get(path).body.decode()

    def serving(self) -> set[int]:
        """The workers that accept connections."""
        return {one.pid for one in workers_of(self.master).serving}

    def files(self) -> set[str]:
        """The names of the files that have to do with the configuration."""
        return {one.name for one in self.folder.iterdir() if "nginx.conf" in one.name}


@contextlib.contextmanager
def host_in(folder: Path, binary: NginxBinary) -> Iterator[Host]:
    """A host in which nothing runs yet; all ends with it."""
    host = Host(folder, binary)
    try:
        yield host
    finally:
        host.stop()
