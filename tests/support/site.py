"""A cluster served by a real nginx, in few words: rendered for a target, started, and asked."""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nginxgen import Target, load, render
from nginxgen.proof.binary import NginxBinary
from support.running import Answer, Client, Recorded, Recorder, free_port, recording_backend, running_nginx


@dataclass
class Served:
    """A site that is being served."""

    text: str
    port: int
    folder: Path

    def client(self, source: str | None = None, tls: ssl.SSLContext | None = None, name: str = "localhost") -> Client:
        """A connection to it."""
        return Client(self.port, source, tls, name)

    def get(self, path: str = "/", headers: dict[str, str] | None = None, source: str | None = None) -> Answer:
        """The answer to one request on a connection of its own."""
        with self.client(source) as client:
            return client.get(path, headers)


@dataclass
class Site:
    """How a test's clusters are rendered, and the nginx that serves them."""

    nginx: NginxBinary
    target: Target
    folder: Path

    def render(self, toml: str, **values: object) -> str:
        """The text for a cluster; words in capitals, such as PORT, stand for the values of that name."""
        path = self.folder / "cluster.toml"
        path.write_text(fill(toml, **values), encoding="utf-8")
        return render(load(path), self.target).text

    @contextlib.contextmanager
    def serve(self, toml: str, **values: object) -> Iterator[Served]:
        """A cluster served on PORT, a free port unless it is given."""
        port = int(str(values.setdefault("PORT", free_port())))
        text = self.render(toml, **values)
        with running_nginx(self.nginx, text, port) as folder:
            yield Served(text, port, folder)

    @contextlib.contextmanager
    def before_backend(self, toml: str, **values: object) -> Iterator[tuple[Served, Recorder]]:
        """A cluster served before one recording backend, on BACKEND."""
        with recording_backend() as backend, self.serve(toml, BACKEND=backend.port, **values) as served:
            yield served, backend

    def received(self, toml: str, path: str = "/", headers: dict[str, str] | None = None, **values: object) -> Recorded:
        """What a backend on BACKEND is told of one request."""
        with self.before_backend(toml, **values) as (served, backend):
            assert served.get(path, headers).status == 200
            return backend.requests[-1]


def fill(text: str, **values: object) -> str:
    """A text whose words in capitals are replaced by the values of that name."""
    return re.sub(r"\b[A-Z][A-Z_]*[0-9]?\b", lambda found: str(values.get(found[0], found[0])), text)
