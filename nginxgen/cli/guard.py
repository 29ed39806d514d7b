"""Errors to exit codes and messages: no command catches anything itself."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import Any

import typer

from nginxgen._version import VERSION
from nginxgen.cli.output import report, say
from nginxgen.errors import ConfigError, NginxgenError, OutputBug

BUG = 3
SIGNALLED = 128


def run_guarded(command: Callable[[], Any]) -> int:
    """Run a command; the exit code to end with."""
    try:
        command()
    except typer.Exit as asked:
        return int(asked.exit_code)
    except typer.Abort:
        return SIGNALLED + 2
    except KeyboardInterrupt:
        return SIGNALLED + 2
    except BrokenPipeError:
        # Whoever read our output has gone, as head does; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SIGNALLED + 13
    except ConfigError as problem:
        report(problem.diagnostics, problem.sources)
        return problem.exit_code
    except OutputBug as problem:
        kept = _keep(problem.text, ".conf")
        say(f"error[NG050]: nginxgen's own text failed its proof, and was not printed: {problem}")
        say(f"This is a bug of nginxgen. The text is kept in {kept}; please report it with your cluster file.")
        return problem.exit_code
    except NginxgenError as problem:
        say(f"error: {problem}")
        return problem.exit_code
    except Exception as problem:
        if hasattr(problem, "exit_code") and hasattr(problem, "show"):
            problem.show()  # a usage error of typer's
            return int(problem.exit_code)
        return _bug(problem)
    return 0


def _bug(problem: Exception) -> int:
    versions = f"nginxgen {VERSION}, Python {platform.python_version()}, {platform.platform()}\n\n"
    kept = _keep(versions + "".join(traceback.format_exception(problem)), ".log")
    say(f"error[NG050]: nginxgen failed, which is a bug: {type(problem).__name__}: {problem}")
    say(f"What is needed to mend it is in {kept}; please report it.")
    return BUG


def _keep(text: str, suffix: str) -> str:
    handle, path = tempfile.mkstemp(prefix="nginxgen-", suffix=suffix)
    with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return path
