"""What a real nginx says of a proven text: hermetically, and in terms of the cluster that it came from."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

from nginxgen.diagnostic import Diagnostic, error, note, warning
from nginxgen.errors import Unavailable
from nginxgen.model.text import variables_in
from nginxgen.proof.binary import NginxBinary, run
from nginxgen.proof.shadow import Shadow
from nginxgen.proof.statements import Located
from nginxgen.proven import Rendered

# With "-e stderr" messages look as they do in a log, without it they begin with "nginx:".
_MESSAGE = re.compile(r"(?:nginx: |\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )\[(\w+)\] (?:\d+#\d+: )?(.*?)(?: in (\S+):(\d+))?$")
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


def ask_nginx(rendered: Rendered, binary: NginxBinary) -> Verdict:
    """Whether a binary accepts a text, without root, certificates, name servers, free ports or the target's files.

    Raises:
        Unavailable: when the binary cannot be run.
    """
    with tempfile.TemporaryDirectory(prefix="nginxgen-") as name:
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
        return Verdict(binary, found + tuple(_notes(shadow, rendered, binary)), accepted, not_shown)


def _test(shadow: Shadow, folder: Path, binary: NginxBinary) -> str:
    file = folder / "nginx.conf"
    file.write_text(shadow.text(), encoding="utf-8", newline="")
    # "-e" keeps nginx from opening its compiled-in error log first (nginx 1.19.5).
    quiet = ["-e", "stderr"] if binary.target.lowest >= (1, 19, 5) else []
    return run([binary.path, "-t", *quiet, "-p", str(folder), "-c", str(file)], _TIMEOUT)


def _not_here(output: str, shadow: Shadow) -> tuple[int, str] | None:
    """The line that this machine cannot be asked about, when that is what nginx failed for, and why."""
    if found := _MISSING.search(output):
        if str(shadow.folder) in found[1]:
            return None
        line = _line(found[0], found[2], int(found[3] or 0), shadow) or _includes(found[1], shadow)
        return (line, f"{found[1]} is not on this machine") if line else None
    if found := _OTHER_BUILD.search(output):
        line = _line(found[0], found[2], int(found[3] or 0), shadow)
        return (line, f"load_module {found[1]} is for another nginx than this one") if line else None
    if shadow.lacks_files and (found := _UNKNOWN.search(output)):
        line = _line(found[0], found[2], int(found[3] or 0), shadow)
        return (line, f"{found[1]} may come from a file that is not on this machine") if line else None
    return None


def _diagnostics(output: str, rendered: Rendered, shadow: Shadow, binary: NginxBinary) -> list[Diagnostic]:
    found = []
    for raw in output.split("\n"):
        if not (match := _MESSAGE.match(raw)):
            continue
        level, message, file, number = match.groups()
        if level in ("notice", "info") or _is_of_the_test(message, rendered, binary):
            continue
        line = _line(message, file, int(number or 0), shadow)
        if file and file != str(shadow.folder / "nginx.conf"):
            message += f" in {file}:{number}"
        where = rendered.origin(line) if line else None
        told = f"nginx {binary.target.lowest}: {_in_original_words(message, shadow)}"
        if level == "warn":
            found.append(warning("NG041", told, where, "nginx starts, but something is not as it was meant"))
        else:
            found.append(error("NG040", told, where))
    return found


def _is_of_the_test(message: str, rendered: Rendered, binary: NginxBinary) -> bool:
    """Whether a warning is about how the test is run, or about the difference between target and binary."""
    is_older_form = re.search('" directive is (deprecated|obsolete)', message) is not None
    return (
        message.startswith(('the "user" directive makes sense only', "could not open error log file"))
        or (is_older_form and not rendered.target.since(binary.target.lowest))
        or "worker_connections exceed open file resource limit" in message
    )


def _line(message: str, file: str | None, number: int, shadow: Shadow) -> int | None:
    """The line of the text that a message is about."""
    if file and file != str(shadow.folder / "nginx.conf"):
        including = (one.line for one in shadow.statements if one.name == "include" and file in one.args)
        return next(including, None)
    # What nginx finds at the end of a block is about something said before.
    if number and any(one.line == number for one in shadow.statements):
        return number
    return _line_of(message, shadow) or number or None


def _includes(path: str, shadow: Shadow) -> int | None:
    """The line that includes a file of this machine in which a path stands."""
    including = (one for one in shadow.statements if one.name == "include" and Path(one.args[0]).is_file())
    return next((one.line for one in including if path.encode() in Path(one.args[0]).read_bytes()), None)


_MADE_OF = {"server_names_hash": "server_name", "map_hash": "map", "types_hash": "types"}
"""The tables that nginx may find too small, and the directives that fill them."""


def _line_of(message: str, shadow: Shadow) -> int | None:
    """The line of the statement that a message without a line is about, by the longest words that both have."""
    scores = [(_likeness(one, message, shadow), -one.line) for one in shadow.statements]
    best, line = max(scores, default=(0, 0))
    if best:
        return -line
    filling = next((name for table, name in _MADE_OF.items() if table in message), None)
    words = [(len(word), -one.line) for one in shadow.statements if one.name == filling for word in one.args]
    return -max(words)[1] if words else None


def _likeness(statement: Located, message: str, shadow: Shadow) -> int:
    """How much a statement and a message have in common: a parameter, quoted or long, or the directive's name."""
    best = len(statement.name) if len(statement.name) > 5 and re.search(rf"\b{statement.name}\b", message) else 0
    for word in statement.args:
        names = {word, *(put for put, original in shadow.replaced.items() if original == word)}
        names |= {f'"{variable}"' for variable in variables_in(word)}
        for name in names:
            if f'{statement.name} "{name}"' in message:
                best = max(best, 1000 + len(name))
            elif len(name) > 3 and name in message:
                best = max(best, len(name))
    return best


def _in_original_words(message: str, shadow: Shadow) -> str:
    for put, original in sorted(shadow.replaced.items(), key=lambda pair: -len(pair[0])):
        message = message.replace(put, original)
    return message


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
