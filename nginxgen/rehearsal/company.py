"""The company as its director sees it: a process that is started, told what to do, and sent home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nginxgen.errors import NginxgenError, Unavailable

Json = dict[str, Any]


class NotPerformed(NginxgenError):
    """A rehearsal that could not begin: nginx or the kernel said why."""

    exit_code = 4


class Company:
    """A process that runs `perform`, with a folder that it removes when it ends."""

    def __init__(self, folder: Path, own_network: bool) -> None:
        """Start it.

        Args:
            folder: where everything is that it needs.
            own_network: whether it tries to have a network of its own.

        Raises:
            Unavailable: when it does not start.
        """
        program = Path(__file__).with_name("perform.py")
        self._command = [sys.executable, "-I", "-S", str(program), str(os.getpid()), str(folder)]
        self._complaints = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 (it lives as long as this)
        self._process = self._start(own_network)
        self._network: Json | None = None

    def _start(self, own_network: bool) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._command if own_network else [*self._command, "shared"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.terminate()
        self._process.communicate()
        self._complaints.close()

    @property
    def network(self) -> str | None:
        """Why it has no network of its own; None when it has one."""
        refused: str | None = self._told_of_network()["network"]
        return refused

    @property
    def has_ipv6(self) -> bool:
        """Whether IPv6 addresses can be listened on."""
        return bool(self._told_of_network()["ipv6"])

    def _told_of_network(self) -> Json:
        if self._network is None:
            self._network = self._hear()
            if stuck := self._network.get("stuck"):
                self._process.communicate()
                self._process = self._start(own_network=False)
                self._network = {**self._hear(), "network": stuck}
        return self._network

    def perform(self, plan: Json) -> Json:
        """Let it perform what `rehearse` has planned; what happened.

        Raises:
            NotPerformed: when nginx or a stand-in did not start.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(plan) + "\n")
        self._process.stdin.flush()
        found = self._hear()
        if problem := found.get("problem"):
            raise NotPerformed(f"the tests cannot be run: {problem}")
        return found

    def _hear(self) -> Json:
        assert self._process.stdout is not None
        if not (line := self._process.stdout.readline()):
            self._complaints.seek(0)
            raise Unavailable(f"the tests' process has ended: {self._complaints.read().strip() or 'without a word'}")
        said: Json = json.loads(line)
        return said
