"""Errors to exit codes and messages: no command catches anything itself."""

from __future__ import annotations

import platform
import tempfile
import traceback
from collections.abc import Callable
from typing import Any

import typer

from nginxgen._version import VERSION
from nginxgen.cli.output import ReaderGone, report, tell_failure
from nginxgen.errors import ConfigError, NginxgenError, NotApplied, OutputBug

BUG = 3
SIGNALLED = 128


def run_guarded(command: Callable[[], Any]) -> int:
    """Run a command; the exit code to end with."""
    try:
        ended = command()
    except typer.Exit as asked:
        return int(asked.exit_code)
    except typer.Abort:
        return SIGNALLED + 2
    except KeyboardInterrupt:
        return SIGNALLED + 2
    except ReaderGone:
        return SIGNALLED + 13
    except (ConfigError, NotApplied) as problem:
        report(problem.diagnostics, problem.sources)
        return problem.exit_code
    except OutputBug as problem:
        kept = _keep(problem.text, ".conf")
        tell_failure(
            f"nginxgen's own text failed its proof, and was not printed: {problem}",
            f"This is a bug of nginxgen. The text is kept in {kept}; please report it with your cluster file.",
            "NG050",
        )
        return problem.exit_code
    except NginxgenError as problem:
        tell_failure(str(problem))
        return problem.exit_code
    except Exception as problem:
        if hasattr(problem, "exit_code") and hasattr(problem, "show"):
            problem.show()  # a usage error of typer's
            return int(problem.exit_code)
        return _bug(problem)
    return ended if isinstance(ended, int) else 0  # what typer makes of a typer.Exit


def _bug(problem: Exception) -> int:
    versions = f"nginxgen {VERSION}, Python {platform.python_version()}, {platform.platform()}\n\n"
    kept = _keep(versions + "".join(traceback.format_exception(problem)), ".log")
    tell_failure(
        f"nginxgen failed, which is a bug: {type(problem).__name__}: {problem}",
        f"What is needed to mend it is in {kept}; please report it.",
        "NG050",
    )
    return BUG


def _keep(text: str, suffix: str) -> str:
    handle, path = tempfile.mkstemp(prefix="nginxgen-", suffix=suffix)
    with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return path
