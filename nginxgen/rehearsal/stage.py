"""The text of a rehearsal: the shadow that `check` asks about, set up so that it can also be served.

Backends are stand-ins, files are those of the tests or lie beside the cluster's, and one worker serves.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from nginxgen.conf.target import Target
from nginxgen.conf.token import quote
from nginxgen.conf.version import Version
from nginxgen.model.addresses import pass_host
from nginxgen.proof.shadow import PASSES, Shadow
from nginxgen.proof.statements import Edit, Located, block_end
from nginxgen.rehearsal.places import Places

_PORT = re.compile(r"\$(?:server_port\b|\{server_port\})")
_OWN_PORT = "nginxgen_rehearsed_port"
_VERIFIES = re.compile("(?:proxy|uwsgi|grpc)_ssl_verify")
_CACHES = re.compile("(?:proxy|fastcgi|uwsgi|scgi)_cache_path")
_FILES = frozenset({"root", "alias", "auth_basic_user_file"})
_HTTP1_BESIDE_HTTP2_SINCE = Version(1, 25, 1)
"""https://nginx.org/en/CHANGES: HTTP/2 is told by the connection's first bytes."""
_LATER = re.compile("resolve|service=.*")


class Listener(NamedTuple):
    """A listener of a server."""

    address: str
    """As the text has it."""
    place: str
    tls: bool
    proxy_protocol: bool
    http2_only: bool
    """Whether it speaks no HTTP/1.1, as listeners without TLS do that have HTTP/2 from before 1.25.1."""
    names: tuple[str, ...]
    """The names of its server."""


class Stage(Shadow):
    """A text made ready to be served in a folder, by one binary, with stand-ins."""

    def __init__(
        self, text: str, folder: Path, binary: Target, places: Places, files: Mapping[str, str], home: Path
    ) -> None:
        # In a network of its own, whoever runs it is root there, and no other account is known.
        super().__init__(text, folder, binary, as_root=places.own_network or os.geteuid() == 0)
        self.places = places
        self.files = files
        self.home = home
        """Where relative paths begin, as they do for ``nginxgen up``."""
        self.caches: list[str] = []
        """Folders that must be empty when nginx starts."""
        self.listeners = list(self._listeners())
        self._group_of = dict(self._groups_of_servers())

    def _blocks(self, name: str) -> Iterator[tuple[Located, list[Located]]]:
        """The blocks of a name, each with the statements inside, those of inner blocks too."""
        for one in self.statements:
            if one.name == name and one.is_block:
                end = block_end(self.original, one)
                yield one, [inner for inner in self.statements if one.start < inner.start < end]

    def _listeners(self) -> Iterator[Listener]:
        words = self._words_of_sockets()
        for _, inner in self._blocks("server"):
            own = [one for one in inner if one.context == "server"]
            names = tuple(name for one in own if one.name == "server_name" for name in one.args)
            is_secure = any((one.name, one.args) == ("ssl", ("on",)) for one in own)
            for one in own:
                if one.name == "listen" and "quic" not in one.args:
                    place = self.places.listener(one.args[0])
                    is_tls = is_secure or "ssl" in words[place]
                    yield Listener(
                        one.args[0],
                        place,
                        is_tls,
                        "proxy_protocol" in words[place],
                        not is_tls and "http2" in words[place] and not self.binary.since(_HTTP1_BESIDE_HTTP2_SINCE),
                        names,
                    )

    def _words_of_sockets(self) -> Mapping[str, set[str]]:
        """The parameters of each socket, by its place: what one server says of it holds for all that have it."""
        found: dict[str, set[str]] = defaultdict(set)
        for one in self.statements:
            if (one.name, one.context) == ("listen", "server") and "quic" not in one.args:
                found[self.places.listener(one.args[0])].update(one.args[1:])
        return found

    def _groups_of_servers(self) -> Iterator[tuple[int, str]]:
        group = ""
        for one in self.statements:
            if one.name == "upstream" and one.is_block:
                group = one.args[0]
            elif one.name == "server" and one.context == "upstream":
                yield one.start, group

    def write_files(self) -> None:
        """The shadow's files, those that the tests name, and what relative paths lead to where tests name nothing."""
        super().write_files()
        self.caches = []
        for name, content in self.files.items():
            file = Path(self._here(name))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        for name in self._relative_paths():
            here, there = Path(self._here(name)), self.home / name
            if there.exists() and not here.exists():
                here.parent.mkdir(parents=True, exist_ok=True)
                here.symlink_to(there)

    def _relative_paths(self) -> list[str]:
        """Relative paths of files, folders before what is in them; of one with variables what stands before them."""
        said = (one.args[0] for one in self.statements if one.name in _FILES and one.args)
        fixed = {re.sub(r"(?:^|/)[^/]*\$.*", "", path).rstrip("/") for path in said if not path.startswith("/")}
        return sorted(fixed - {""})

    def _here(self, path: str) -> str:
        inside = path.lstrip("/")
        if ".." in inside.split("/"):  # what lies above everything is beside it here
            inside = os.path.normpath(f"/{inside}").lstrip("/") + ("/" if path.endswith("/") else "")
        return f"{self.folder}/files/{inside}"

    def original_words(self, said: str) -> str:
        """A text that nginx made, in the words of the cluster."""
        # What stood at the root stands in the folder; a relative path is none that nginx tells.
        return self.places.original(said.replace(f"{self.folder}/files/", "/"))

    def replacements(self, statement: Located) -> Iterator[Edit]:
        """The shadow's, and what only matters when requests are served."""
        for word in statement.words[1:]:
            value = word.value or ""
            if statement.context == "upstream" and statement.name == "server" and _LATER.fullmatch(value):
                yield Edit(word.start, word.end, "")
            elif self.places.moved_ports and _PORT.search(value):
                yield Edit(word.start, word.end, quote(_PORT.sub(f"${{{_OWN_PORT}}}", value)))
        yield from super().replacements(statement)

    def substitutes(self, statement: Located) -> list[tuple[int, str]]:
        """Which parameters are replaced by what."""
        name, args = statement.name, statement.args
        if name in ("daemon", "master_process") and statement.context == "main":
            return [(0, "off" if name == "daemon" else "on")]
        if name == "worker_processes" or _VERIFIES.fullmatch(name):
            return [(0, "1" if name == "worker_processes" else "off")]
        if name == "listen" and "$" not in args[0]:
            return [(0, self.places.listener(args[0]))]
        if name in _FILES and not args[0].startswith("$"):
            return [(0, self._here(args[0]))]
        if statement.context == "upstream" and name == "server":
            return [(0, self.places.stand_in(self._group_of[statement.start], args[0]))]
        if name in PASSES:
            return self.at(0, args[0], self._stand_in)
        if _CACHES.fullmatch(name):
            self.caches.append(self.own_file())
            return [(0, self.caches[-1])]
        return super().substitutes(statement)

    def _stand_in(self, url: str) -> str:
        host = pass_host(url)
        scheme, slashes, rest = url.rpartition("://")
        if rest.startswith("unix:"):
            end = rest.find(":/", len("unix:"))
            path, uri = (rest, "") if end == -1 else (rest[:end], rest[end:])
            return scheme + slashes + self.places.stand_in(None, path) + uri
        if host is None or host.lower() in self.groups:
            return url
        place = self.places.stand_in(None, host, 443 if scheme in ("https", "grpcs") else 80)
        return scheme + slashes + rest.replace(host, place, 1)

    def additions(self) -> Iterator[Edit]:
        """The shadow's, and what lets it be served: the ports that a request would see, one process in front."""
        yield from super().additions()
        if all((one.name, one.context) != ("daemon", "main") for one in self.statements):
            yield Edit(len(self.original), len(self.original), "daemon off;\n")
        http = next((one for one in self.statements if one.name == "http" and one.context == "main"), None)
        if http is not None and self.places.moved_ports:
            pairs = "".join(f" {moved} {port};" for moved, port in self.places.moved_ports.items())
            yield Edit(http.end, http.end, f" map $server_port ${_OWN_PORT} {{ default $server_port;{pairs} }}")
