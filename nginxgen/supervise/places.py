"""Where workers listen: a socket that the supervisor holds, the file of a socket, or a port.

A held socket is bound once and inherited by every process that works on it, so that requests wait while one process
follows another and none is refused.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from pathlib import Path

from nginxgen.errors import Unavailable
from nginxgen.supervise.listeners import taken_by

BACKLOG = 4096
LOOPBACK = "127.0.0.1"


class Place:
    """Where one worker listens."""

    def __init__(self, address: str, held: socket.socket | None = None, file: Path | None = None) -> None:
        self.address = address
        """As nginx has it: ``127.0.0.1:8100`` or ``unix:/path``."""
        self.held = held
        self.file = file

    @property
    def port(self) -> str:
        """The port, for ``{port}``."""
        return "" if self.file else self.address.rpartition(":")[2]

    def words(self, index: int) -> dict[str, str]:
        """What ``{port}``, ``{socket}``, ``{fd}`` and ``{index}`` stand for in a command."""
        fd = "3" if self.held is not None else ""  # what `launch` makes of it
        return {"port": self.port, "socket": str(self.file or ""), "fd": fd, "index": str(index)}

    def clear(self) -> None:
        """Remove the file that a process left which was killed; another could not listen there."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)

    def check(self) -> None:
        """Raise `Unavailable` when somebody else listens at a port, who would be taken for the worker."""
        if self.held is None and self.file is None:
            host, _, port = self.address.rpartition(":")
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host, int(port)))
                except OSError as refused:
                    who = taken_by(int(port)) if refused.errno == errno.EADDRINUSE else f": {refused.strerror}"
                    raise Unavailable(f"{self.address} is taken{who}") from None

    def let_in(self) -> None:
        """Let nginx's workers connect to a file, which run under another account when all was started as root."""
        if self.file is not None and os.geteuid() == 0:
            self.file.chmod(0o666)

    def give_up(self) -> None:
        """Nobody listens here any more."""
        if self.held is not None:
            self.held.close()
        if self.file is not None:
            with contextlib.suppress(OSError):
                self.file.unlink()


class Places:
    """Hands out places of one kind to the workers of a group."""

    def __init__(self, kind: str, ports: str | None, folder: Path, name: str) -> None:
        self.kind = kind
        self.folder = folder
        self.name = name
        self.follow(kind, ports)
        self._count = 0
        self._taken: set[int] = set()

    def follow(self, kind: str, ports: str | None) -> None:
        """Hand out places of another kind from now on."""
        self.kind = kind
        first, _, last = (ports or "").partition("-")
        self._wanted = range(int(first), int(last or 65535) + 1) if first else None

    def take(self) -> Place:
        """A place where nobody listens.

        Raises:
            Unavailable: when every port of the range is taken.
        """
        if self.kind == "socket":
            self._count += 1
            file = self.folder / f"{self.name}-{self._count}.sock"
            with contextlib.suppress(OSError):
                file.unlink()
            return Place(f"unix:{file}", file=file)
        bound = self._bind()
        address = f"{LOOPBACK}:{bound.getsockname()[1]}"
        if self.kind == "port":
            bound.close()
            return Place(address)
        bound.listen(BACKLOG)
        bound.setblocking(False)
        return Place(address, bound)

    def free(self, place: Place) -> None:
        """Take a place back."""
        place.give_up()
        if place.port:
            self._taken.discard(int(place.port))

    def _bind(self) -> socket.socket:
        problem = ""
        for port in [0] * 20 if self._wanted is None else self._wanted:
            if port in self._taken:
                continue
            made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                made.bind((LOOPBACK, port))
            except OSError as refused:
                problem = refused.strerror or str(refused)
                made.close()
                continue
            if (number := made.getsockname()[1]) in self._taken:
                made.close()
                continue
            self._taken.add(number)
            return made
        if problem or self._wanted is None:
            raise Unavailable(f"no port is free for {self.name}: {problem}")
        every = f"{self._wanted[0]}-{self._wanted[-1]}"
        raise Unavailable(
            f"no port is free for {self.name}: its workers have all of {every}, and one that starts before another ends"
            " needs one more; let port have more"
        )


def environment(given: dict[str, str], file: str | None, folder: Path) -> dict[str, str]:
    """The environment of a worker: the supervisor's, a file's, then what the cluster says.

    Raises:
        Unavailable: when the file cannot be read.
    """
    found = dict(os.environ)
    if file is not None:
        try:
            lines = (folder / file).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as problem:
            reason = (problem.strerror if isinstance(problem, OSError) else None) or "it is no text in UTF-8"
            raise Unavailable(f"{folder / file} cannot be read: {reason}") from None
        for line in lines:
            name, equals, value = line.strip().removeprefix("export ").partition("=")
            if equals and not name.startswith("#"):
                found[name.strip()] = value.strip().strip("\"'")
    return found | given
