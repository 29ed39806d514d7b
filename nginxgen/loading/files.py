"""Files to plain data: TOML or JSON, with one clear message for whatever is neither.

Knows how a document may fail to be one; not what a cluster is.
"""

from __future__ import annotations

import json
import re
import stat
import sys
import tomllib
from pathlib import Path as FilePath
from typing import Any

from nginxgen.diagnostic import Diagnostic, Spot, error
from nginxgen.errors import ConfigError, Unavailable
from nginxgen.source import SourceFile, Span

MAX_BYTES = 32 * 1024 * 1024
"""More is no cluster file; 100,000 servers take 3 MB."""
MAX_DEPTH = 64
"""Tables inside tables; nginx itself has blocks six deep at most in practice."""


def read_file(name: str) -> tuple[SourceFile, dict[str, Any]]:
    """A file's text and data; ``-`` is standard input.

    Raises:
        ConfigError: with one diagnostic, when it holds no document.
        Unavailable: when it cannot be read.
    """
    shown = "standard input" if name == "-" else name
    raw = _bytes(name, shown)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        message = f"{shown} is not in UTF-8: line {line} holds the byte 0x{raw[problem.start]:02x}"
        raise _refused("NG002", message, help="save it as UTF-8") from None
    source = SourceFile(shown, text)
    if not text.strip():
        raise _refused("NG002", f"{shown} is empty", help="begin with [[server]] and a listen; see nginxgen's examples")
    is_json = name.endswith(".json") or (name == "-" and text.lstrip()[:1] == "{")
    data = _from_json(source) if is_json else _from_toml(source)
    if _deeper_than(data, MAX_DEPTH):
        raise _refused("NG002", f"{shown} is nested more than {MAX_DEPTH} deep")
    return source, data


def _bytes(name: str, shown: str) -> bytes:
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            status = FilePath(name).stat()
            if stat.S_ISDIR(status.st_mode):
                inside = FilePath(name) / "cluster.toml"
                help = f"did you mean {inside}?" if inside.is_file() else None
                raise _refused("NG002", f"{shown} is a folder, not a file", help=help)
            with open(name, "rb") as file:
                raw = file.read(MAX_BYTES + 1) if status.st_size <= MAX_BYTES else b" " * (MAX_BYTES + 1)
    except FileNotFoundError:
        raise _refused("NG002", f"{shown} does not exist") from None
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else problem
        raise Unavailable(f"{shown} cannot be read: {reason}") from None
    if len(raw) > MAX_BYTES:
        raise _refused("NG002", f"{shown} is larger than {MAX_BYTES // 2**20} MB, which is no cluster file")
    return raw


def _from_toml(source: SourceFile) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as problem:
        message, line, column = _toml_position(str(problem), source)
        help = "this looks like JSON; name the file .json" if source.text.lstrip()[:1] == "{" else None
        raise _refused("NG001", message, _spot(source, line, column), help) from None
    except RecursionError:
        raise _refused("NG002", f"{source.name} is nested too deep") from None


def _toml_position(message: str, source: SourceFile) -> tuple[str, int, int]:
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    if not found:
        return f"this is not TOML: {message}", 1, 1
    if found[2] is None:
        return f"this is not TOML: {found[1]}, at its end", *source.position(max(len(source.text.rstrip()) - 1, 0))
    return f"this is not TOML: {found[1]}", int(found[2]), int(found[3])


def _from_json(source: SourceFile) -> dict[str, Any]:
    doubled: list[str] = []

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            keys = [key for key, _ in pairs]
            doubled.extend(key for key in made if keys.count(key) > 1)
        return made

    try:
        data = json.loads(source.text, object_pairs_hook=table)
    except json.JSONDecodeError as problem:
        message = f"this is not JSON: {problem.msg[0].lower()}{problem.msg[1:]}"
        raise _refused("NG001", message, _spot(source, problem.lineno, problem.colno)) from None
    except RecursionError:
        raise _refused("NG002", f"{source.name} is nested too deep") from None
    if doubled:
        found = [one.start() for one in re.finditer(rf"{re.escape(json.dumps(doubled[0]))}\s*:", source.text)]
        spot = Spot(source, Span(found[1], found[1] + len(json.dumps(doubled[0])))) if len(found) == 2 else None
        message = f'{source.name} says "{doubled[0]}" twice in one object'
        raise _refused("NG001", message, spot, "keep one of them")
    if not isinstance(data, dict):
        raise _refused("NG001", "a cluster in JSON is an object", _spot(source, 1, 1))
    return data


def _deeper_than(data: Any, depth: int) -> bool:
    level = [data]
    for _ in range(depth):
        level = [inner for one in level for inner in _inside(one) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value


def _spot(source: SourceFile, line: int, column: int) -> Spot:
    start = source.offset(line, column)
    return Spot(source, Span(start, min(start + 1, len(source.text))))


def _refused(code: str, message: str, where: Spot | None = None, help: str | None = None) -> ConfigError:
    problem: Diagnostic = error(code, message, where, help)
    return ConfigError([problem])
