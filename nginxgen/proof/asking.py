"""What a real nginx says of a proven text: hermetically, and in terms of the cluster that it came from."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from nginxgen.diagnostic import Diagnostic, error, note, warning
from nginxgen.errors import Unavailable
from nginxgen.proof.binary import NginxBinary, run
from nginxgen.proof.messages import Message, Text, find_including, find_line, in_original_words, read_messages
from nginxgen.proof.scratch import temporary_files
from nginxgen.proof.shadow import Shadow
from nginxgen.proven import Rendered

_MISSING = re.compile(
    r'\[emerg\].*(?:open\(\)|stat\(\)|fopen|opendir|cannot load).*?"([^"]+)"'
    r".*(?:No such file|no such file|Permission denied).*?(?: in (\S+):(\d+))?$",
    re.MULTILINE,
)
_OTHER_BUILD = re.compile(
    r'\[emerg\].*module "([^"]+)" (?:version \d+ instead of|is not binary compatible).*?(?: in (\S+):(\d+))?$',
    re.MULTILINE,
)
_UNKNOWN = re.compile(r'\[emerg\].*unknown ((?:directive )?"[^"]+"(?: variable)?)(?:.* in (\S+):(\d+))?$', re.MULTILINE)
_TIMEOUT = 120.0
_MOST_ROUNDS = 20


class Verdict(NamedTuple):
    """What one nginx said of a text."""

    binary: NginxBinary
    diagnostics: tuple[Diagnostic, ...]
    accepted: bool
    not_shown: tuple[str, ...]
    """What that nginx could not be asked about."""
    unwanted: Mapping[int, str]
    """The lines of the text that it would have failed for on this machine, and why."""


def ask_nginx(rendered: Rendered, binary: NginxBinary) -> Verdict:
    """Whether a binary accepts a text, without root, certificates, name servers, free ports or the target's files.

    Raises:
        Unavailable: when the binary cannot be run.
    """
    with temporary_files(), tempfile.TemporaryDirectory(prefix="nginxgen-") as name:
        folder = Path(name)
        shadow = Shadow(rendered.text, folder, binary.target, as_root=os.geteuid() == 0)
        for _ in range(_MOST_ROUNDS):
            output = _test(shadow, folder, binary)
            missing = _not_here(output, shadow)
            if missing is None or not shadow.leave_out(*missing):
                break
        found = tuple(_diagnostics(output, rendered, shadow, binary))
        accepted = "test is successful" in output
        if not accepted and not any(one.severity == "error" for one in found):
            raise Unavailable(f"{binary} failed without a message of its own: {output.strip() or 'it said nothing'}")
        not_shown = tuple(dict.fromkeys(reason for _, reason in sorted(shadow.left_out)))
        notes = tuple(_notes(shadow, rendered, binary))
        return Verdict(binary, found + notes, accepted, not_shown, shadow.unwanted)


def _test(shadow: Shadow, folder: Path, binary: NginxBinary) -> str:
    file = folder / "nginx.conf"
    file.write_text(shadow.text(), encoding="utf-8", newline="")
    # "-e" keeps nginx from opening its compiled-in error log first (nginx 1.19.5).
    quiet = ["-e", "stderr"] if binary.target.lowest >= (1, 19, 5) else []
    return run([binary.path, "-t", *quiet, "-p", str(folder), "-c", str(file)], _TIMEOUT)


def _not_here(output: str, shadow: Shadow) -> tuple[int, str] | None:
    """The line that this machine cannot be asked about, when that is what nginx failed for, and why."""
    given = _given(shadow)

    def line_of(found: re.Match[str]) -> int | None:
        return find_line(Message("emerg", found[0], found[2], int(found[3] or 0)), given)

    if found := _MISSING.search(output):
        if str(shadow.folder) in found[1]:
            return None
        line = line_of(found) or find_including(found[1], given)
        return (line, f"{found[1]} is not on this machine") if line else None
    if found := _OTHER_BUILD.search(output):
        line = line_of(found)
        return (line, f"load_module {found[1]} is for another nginx than this one") if line else None
    if shadow.lacks_files and (found := _UNKNOWN.search(output)):
        line = line_of(found)
        return (line, f"{found[1]} may come from a file that is not on this machine") if line else None
    return None


def _diagnostics(output: str, rendered: Rendered, shadow: Shadow, binary: NginxBinary) -> list[Diagnostic]:
    found = []
    given = _given(shadow)
    for message in read_messages(output):
        if message.level not in ("notice", "info") and not _is_of_the_test(message.text, rendered, binary):
            line = find_line(message, given)
            found.append(as_finding(message, in_original_words(message, given), line, rendered, binary))
    return found


def as_finding(message: Message, said: str, line: int | None, rendered: Rendered, binary: NginxBinary) -> Diagnostic:
    """A message of nginx's about a line of the rendered text, as a finding about the cluster that it came from."""
    where = rendered.origin(line) if line else None
    told = f"nginx {binary.target.lowest}: {said}"
    if message.level == "warn":
        return warning("NG041", told, where, "nginx starts, but something is not as it was meant")
    return error("NG040", told, where)


def _is_of_the_test(message: str, rendered: Rendered, binary: NginxBinary) -> bool:
    """Whether a warning is about how the test is run, or about the difference between target and binary."""
    is_older_form = re.search('" directive is (deprecated|obsolete)', message) is not None
    return (
        message.startswith(('the "user" directive makes sense only', "could not open error log file"))
        or (is_older_form and not rendered.target.since(binary.target.lowest))
        or "worker_connections exceed open file resource limit" in message
    )


def _given(shadow: Shadow) -> Text:
    return Text(str(shadow.folder / "nginx.conf"), shadow.statements, shadow.replaced)


def _notes(shadow: Shadow, rendered: Rendered, binary: NginxBinary) -> list[Diagnostic]:
    """One note for each reason, however many places it concerns."""
    places: dict[str, list[int]] = {}
    for line, reason in sorted(shadow.left_out):
        places.setdefault(reason, []).append(line)
    return [_note(reason, lines, rendered, binary) for reason, lines in places.items()]


def _note(reason: str, lines: list[int], rendered: Rendered, binary: NginxBinary) -> Diagnostic:
    more = len(set(lines)) - 1
    others = f" (and {more} more place{'' if more == 1 else 's'})" if more else ""
    return note("NG042", f"not shown by nginx {binary.target.lowest}: {reason}{others}", rendered.origin(lines[0]))
