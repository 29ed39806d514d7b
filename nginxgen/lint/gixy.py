"""What Gixy-Next finds beside our own rules, when it is installed (``pip install nginxgen[gixy]``).

It runs as a process of its own and offline; what a rule of ours has found in the same place is left out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Any

from nginxgen.diagnostic import Diagnostic, Severity, Spot
from nginxgen.errors import Unavailable
from nginxgen.foreign import Configuration, Node
from nginxgen.source import SourceFile, Span

_TIMEOUT = 120
_SEVERITIES = {"HIGH": Severity.ERROR, "MEDIUM": Severity.WARNING}
_NOWHERE = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
"""Nothing listens there: a library of Gixy's would otherwise look for a newer list of domains."""

COVERED: dict[str, tuple[str, ...]] = {}
"""Gixy-Next's checks, and the rules of ours that find the same."""


def is_installed() -> bool:
    """Whether there is a Gixy-Next beside us."""
    return find_spec("gixy") is not None


def gixy_findings(configuration: Configuration, own: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """What Gixy-Next finds in the files of a configuration, and no rule of ours in the same place.

    Raises:
        Unavailable: when it cannot be run.
    """
    roots = [root.file.name for root in configuration.roots if os.path.isfile(root.file.name)]
    known = list(own)
    files = {os.path.realpath(file.name): file for file in configuration.files}
    for row in _run(roots) if roots and not configuration.is_dump else []:
        file = files.get(os.path.realpath(row.get("file") or row["path"]))
        if file is None:
            continue
        spot = _spot(file, int(row.get("line") or 1))
        if not _is_known(row["plugin"], spot, known, configuration):
            message = f"{row['summary'].rstrip('.')}: {row['reason'].rstrip('.')}" if row["reason"] else row["summary"]
            severity = _SEVERITIES.get(row["severity"], Severity.NOTE)
            yield Diagnostic(f"gixy:{row['plugin']}", severity, message, spot, row["reference"])


def _run(names: list[str]) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "gixy", "-f", "json", *names]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_TIMEOUT, env={**os.environ, **_NOWHERE}, check=False
        )
        rows: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    except (OSError, subprocess.TimeoutExpired, ValueError) as problem:
        raise Unavailable(f"Gixy-Next cannot be run: {problem}; --no-gixy leaves it out") from None
    return rows


def _spot(file: SourceFile, line: int) -> Spot:
    start = file.offset(line, 1)
    text = file.line(min(line, file.position(len(file.text))[0]))
    return Spot(file, Span(start + len(text) - len(text.lstrip()), start + len(text.rstrip())))


def _is_known(plugin: str, spot: Spot, own: list[Diagnostic], configuration: Configuration) -> bool:
    """Whether a rule of ours says the same, on that line or within the block that begins there."""
    blocks = [node for node in configuration.walk() if node.file is spot.file and node.start == spot.span.start]
    end = max([spot.span.end, *(_end(node) for node in blocks)])
    return any(
        one.code in COVERED.get(plugin, ())
        and isinstance(one.where, Spot)
        and one.where.file is spot.file
        and spot.span.start <= one.where.span.start < end
        for one in own
    )


def _end(node: Node) -> int:
    return max(node.end, node.close)
