"""What a deployment shall be like: its name, host, port, nginx, what checks it and what starts it."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from nginxgen.conf.target import Target


class Checker(StrEnum):
    """What can check a deployment when it changes."""

    GITHUB = "github"
    GITLAB = "gitlab"
    PRE_COMMIT = "pre-commit"


class Runner(StrEnum):
    """What can start a deployment."""

    SYSTEMD = "systemd"
    COMPOSE = "compose"
    KUBERNETES = "kubernetes"


CONTAINERS = (Runner.COMPOSE, Runner.KUBERNETES)
FIRST_FREE_PORT = 1024
"""Below it a port needs rights that nginx does not have in a container."""
_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


class NotTaken(ValueError):
    """A wish that cannot be fulfilled; ``wish`` is its name."""

    def __init__(self, wish: str, message: str) -> None:
        self.wish = wish
        super().__init__(message)


class Wishes(NamedTuple):
    """A whole wish, known to be right when `checked` made it."""

    name: str
    host: str | None = None
    """The host that is served, or the domain of several; as in the preset unless said."""
    port: int = 8080
    target: str | None = None
    """The nginx on the host; that of containers comes with them."""
    checkers: frozenset[Checker] = frozenset(Checker)
    runners: frozenset[Runner] = frozenset(Runner)

    @classmethod
    def checked(
        cls,
        name: str,
        host: str | None,
        port: int,
        target: str | None,
        checkers: Collection[Checker],
        runners: Collection[Runner],
    ) -> Wishes:
        """Wishes that can be fulfilled.

        Raises:
            NotTaken: for the first that cannot.
        """
        if not _NAME.fullmatch(name):
            message = f"{name!r} is no name for units, containers and folders: a to z, 0 to 9 and -, at most 40 of them"
            raise NotTaken("name", message)
        if host is not None and (not _HOST.fullmatch(host) or len(host) > 200):
            raise NotTaken("server-name", f"{host!r} is no host name such as shop.example.org")
        if not 0 < port < 65536:
            raise NotTaken("port", f"{port} is no port: they go from 1 to 65535")
        inside = [one.value for one in CONTAINERS if one in runners]
        if port < FIRST_FREE_PORT and inside:
            message = (
                f"nginx runs without root in containers and cannot have port {port} there: choose one from"
                f" {FIRST_FREE_PORT} on, or leave {' and '.join(inside)} out (--run systemd)"
            )
            raise NotTaken("port", message)
        if target is not None:
            try:
                Target.parse(target)
            except ValueError as problem:
                raise NotTaken("target", str(problem)) from None
        return cls(name, host, port, target, frozenset(checkers), frozenset(runners))
