"""What goes to which stream: results to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self, TextIO

from nginxgen.diagnostic import Diagnostic, Severity
from nginxgen.errors import Unavailable
from nginxgen.loading.sources import Sources
from nginxgen.report import summary, to_json, to_text

_format = "text"


def use_format(name: str) -> None:
    """Print messages as ``text`` or ``json`` from now on."""
    global _format
    _format = name


def format_is_json() -> bool:
    """Whether messages are printed for programs."""
    return _format == "json"


def report(diagnostics: Iterable[Diagnostic], sources: Sources | None = None) -> None:
    """Print findings, and how many they are."""
    found = list(diagnostics)
    if _format == "json":
        say(to_json(found, sources))
    elif found:
        say(to_text(found, sources, paints(sys.stderr)))
        say(summary(found))


def paints(stream: TextIO | None = None) -> bool:
    """Whether colours are wanted on a stream; on standard output, unless another is named."""
    return (stream or sys.stdout).isatty() and not os.environ.get("NO_COLOR")


def tell_failure(message: str, more: str | None = None, code: str | None = None) -> None:
    """Print why a command failed that has no findings to show."""
    if _format == "json":
        say(to_json([Diagnostic(code or "", Severity.ERROR, message, help=more)]))
        return
    say(f"error[{code}]: {message}" if code else f"error: {message}")
    if more:
        say(more)


def remark(text: str) -> None:
    """Print a line for people, unless a program listens."""
    if _format != "json":
        say(text)


def say(text: str) -> None:
    """Print a line beside the result."""
    print(text, file=sys.stderr)


def ask(question: str) -> bool:
    """Ask on the terminal; whether the answer was yes."""
    print(question, "[y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class ReaderGone(Exception):
    """Whoever read our output has gone, as head does; there is nobody left to tell."""


def emit(text: str) -> None:
    """Print the result.

    Raises:
        ReaderGone: when nobody reads it any more.
        Unavailable: when it cannot be written, on a full disk.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as problem:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or it would be tried again at the end
        if isinstance(problem, BrokenPipeError):
            raise ReaderGone from None
        raise Unavailable(f"standard output cannot be written: {problem.strerror}") from None


class Progress:
    """One line on a terminal that says what takes so long, once it has taken a second."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._doing = "reading"
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
