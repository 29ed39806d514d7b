"""What goes to which stream: results to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from nginxgen.diagnostic import Diagnostic
from nginxgen.loading.sources import Sources
from nginxgen.report import summary, to_json, to_text

_format = "text"


def use_format(name: str) -> None:
    """Print messages as ``text`` or ``json`` from now on."""
    global _format
    _format = name


def report(diagnostics: Iterable[Diagnostic], sources: Sources | None = None) -> None:
    """Print findings, and how many they are."""
    found = list(diagnostics)
    if _format == "json":
        say(to_json(found, sources))
    elif found:
        colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
        say(to_text(found, sources, colour))
        say(summary(found))


def say(text: str) -> None:
    """Print a line for people, beside the result."""
    print(text, file=sys.stderr)


def emit(text: str) -> None:
    """Print the result."""
    sys.stdout.write(text)
    sys.stdout.flush()


class Progress:
    """One line on a terminal that says what takes so long, once it has taken a second."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._doing = ""
        self._over = threading.Event()
        self._teller = threading.Thread(target=self._tell, daemon=True) if sys.stderr.isatty() else None

    def __enter__(self) -> Self:
        if self._teller:
            self._teller.start()
        return self

    def __call__(self, doing: str) -> None:
        self._doing = doing

    def _tell(self) -> None:
        if self._over.wait(1):
            return
        while not self._over.wait(0.2):
            elapsed = time.monotonic() - self._started
            sys.stderr.write(f"\r\x1b[Knginxgen: {self._doing} … {elapsed:.0f} s")
            sys.stderr.flush()
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._teller:
            self._teller.join()
