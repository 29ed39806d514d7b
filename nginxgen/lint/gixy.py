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
_SMALL = frozenset({"location", "map", "geo"})
_NOWHERE = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
"""Nothing listens there: a library of Gixy's would otherwise look for a newer list of domains."""

COVERED: dict[str, tuple[str, ...]] = {
    "add_header_multiline": ("NG239",),
    "add_header_redefinition": ("NG217",),
    "alias_traversal": ("NG201",),
    "allow_without_deny": ("NG224",),
    "default_server_flag": ("NG117",),
    "error_log_off": ("NG236",),
    "filesystem_root_exposure": ("NG214",),
    "hash_without_default": ("NG249",),
    "host_spoofing": ("NG203",),
    "http_splitting": ("NG207",),
    "if_is_evil": ("NG111", "NG112"),
    "invalid_regex": ("NG158",),
    "low_keepalive_requests": ("NG314",),
    "missing_worker_processes": ("NG305",),
    "origins": ("NG220", "NG221"),
    "overlapping_captures": ("NG246",),
    "proxy_buffering_off": ("NG307", "NG308"),
    "proxy_pass_normalized": ("NG109", "NG202", "NG207", "NG248"),
    "proxy_set_header_redefinition": ("NG101",),
    "resolver_external": ("NG234",),
    "return_bypasses_allow_deny": ("NG226",),
    "ssl_stapling_without_resolver": ("NG247",),
    "ssrf": ("NG208",),
    "stale_dns_cache": ("NG119",),
    "status_page_exposed": ("NG232",),
    "unanchored_regex": ("NG222",),
    "unnamed_groups": ("NG245",),
    "valid_referers": ("NG230",),
    "version_disclosure": ("NG212",),
    "worker_rlimit_nofile_vs_connections": ("NG306",),
}
"""Gixy-Next's checks, and the rules of ours that find the same."""

NOT_COVERED: dict[str, str] = {
    "add_header_content_type": "a question of taste where no backend sends one of its own",
    "http2_misdirected_request": "the handshake is refused; we know of no harm that is left",
    "mixed_case_variable": "nginx reads one variable, so nothing goes wrong",
    "quic_bpf_reuseport": "shows at a reload under QUIC only, which we have not measured",
    "regex_redos": "asks a server on the network, and nobody unless it is told one",
    "ssl_ecdh_curve": "depends on the machine's OpenSSL: `check` asks the nginx that has it",
    "ssl_stapling_letsencrypt": "a path says by custom only who issued the certificate",
    "try_files_is_evil_too": "a cache of open files is a choice: it serves what is gone, for a while",
}
"""Its other checks, and why there is no rule for them; what they find is shown as theirs."""


def is_installed() -> bool:
    """Whether there is a Gixy-Next beside us."""
    return find_spec("gixy") is not None


def gixy_findings(configuration: Configuration, own: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """What Gixy-Next finds in the files of a configuration, and no rule of ours in the same place.

    ``own`` is what our rules find, also what nobody wants to hear: that goes for Gixy-Next's word for it as well.

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
        is_placed = row.get("line") is not None
        if not _is_known(row["plugin"], spot if is_placed else _all(file), known, configuration):
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


def _all(file: SourceFile) -> Spot:
    """The place of what is missing, and so stands nowhere."""
    return Spot(file, Span(0, len(file.text)))


def _is_known(plugin: str, spot: Spot, own: list[Diagnostic], configuration: Configuration) -> bool:
    """Whether a rule of ours says the same: on that line, in the block that begins there, or in the same small one."""
    blocks = [node for node in configuration.walk() if node.file is spot.file and node.children is not None]
    end = max([spot.span.end, *(_end(node) for node in blocks if node.start == spot.span.start)])
    home = _home(spot, blocks)
    said = (one for one in own if one.code in COVERED.get(plugin, ()))
    places = (place for one in said for place in (one.where, *(at for at, _ in one.also)))
    return any(
        isinstance(place, Spot)
        and place.file is spot.file
        and (spot.span.start <= place.span.start < end or (home is not None and _home(place, blocks) is home))
        for place in places
    )


def _home(spot: Spot, blocks: list[Node]) -> Node | None:
    """The innermost location or map in which a place is, or at the head of which: a fault of it is told at either."""
    around = [one for one in blocks if one.name in _SMALL and one.start <= spot.span.start < _end(one)]
    return max(around, key=lambda one: one.start, default=None)


def _end(node: Node) -> int:
    return max(node.end, node.close)
