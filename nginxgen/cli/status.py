"""``nginxgen status``: what a running cluster does."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from nginxgen.cli.options import Format, FormatOption
from nginxgen.cli.output import emit, use_format
from nginxgen.cli.running import DEFAULT, FileArgument, RunOption, asked

NAME = "status"
_EACH = 1.0
_HEAD = ("NAME", "STATE", "ADDRESS", "PID", "UP", "RESTARTS", "CPU", "MEMORY", "REQ/S", "P50", "P99", "ERRORS")
_LEFT = 3
"""How many columns hold words; the others hold figures, and stand to the right."""
_NOTHING = "-"
_CLEAR = "\x1b[H\x1b[J"


def run(
    file: FileArgument = DEFAULT,
    folder: RunOption = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Again each second, until nginxgen up ends.")] = False,
    format: FormatOption = Format.TEXT,
) -> None:
    """Print what the running nginxgen up runs: nginx, workers, servers, and their traffic of the last 10 seconds."""
    use_format(format)
    redraws = watch and format is Format.TEXT and sys.stdout.isatty()
    while True:
        answer = asked(file, folder, NAME)
        if format is Format.JSON:
            emit(json.dumps(answer, indent=None if watch else 2, ensure_ascii=False) + "\n")
        else:
            emit((_CLEAR if redraws else "") + _text(answer) + ("\n" if watch and not redraws else ""))
        if not watch:
            return
        time.sleep(_EACH)


def _text(answer: dict[str, Any]) -> str:
    nginx, traffic = answer["nginx"], answer["traffic"]
    about = [f"nginx {nginx['version']}", nginx["state"]]
    if nginx["pid"] is not None:
        about.append(f"pid {nginx['pid']}")
    about.append(_count(nginx["workers"], "worker"))
    if nginx["generation"]:
        about.append(f"generation {nginx['generation'][:12]}")
    figures = [f"{traffic['requests_per_second']:.1f} requests/s"]
    figures += [f"{name} {_time(traffic[key])}" for name, key in (("p50", "p50_ms"), ("p99", "p99_ms"))]
    figures.append(_count(traffic["errors"], "error"))
    lines = [
        f"{', '.join(answer['files'])}: nginxgen up, pid {answer['pid']}, in {answer['run']}",
        ", ".join(about),
        *([" ".join(answer["urls"])] if answer["urls"] else []),
        ", ".join(figures),
    ]
    if rows := list(_rows(answer["groups"])):
        lines += ["", *_table([_HEAD, *rows])]
    if reasons := list(_reasons(answer["groups"])):
        lines += ["", *reasons]
    if answer["refused"] is not None:
        lines += ["", f"{', '.join(answer['files'])} as it is now is not followed: {answer['refused'].rstrip()}"]
    return "\n".join(lines) + "\n"


def _rows(groups: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, group in groups.items():
        for one in group["workers"]:
            cpu, memory = one["cpu_percent"], one["memory_mib"]
            yield (
                f"{name}.{one['index']}",
                one["state"],
                one["address"],
                _NOTHING if one["pid"] is None else str(one["pid"]),
                _span(one["uptime"]),
                str(one["restarts"]),
                _NOTHING if cpu is None else f"{cpu:.1f}%",
                _NOTHING if memory is None else f"{memory:.0f} MiB",
                *_figures(one),
            )
        for one in group["servers"]:
            yield (name, one["state"], one["address"], *[_NOTHING] * 5, *_figures(one))


def _reasons(groups: dict[str, Any]) -> Iterator[str]:
    """Why workers were started again, of those that were."""
    for name, group in groups.items():
        for one in group["workers"]:
            if one["last_restart"]:
                yield f"{name}.{one['index']} was started again, the last time because it {one['last_restart']}"


def _figures(one: dict[str, Any]) -> tuple[str, ...]:
    return f"{one['requests_per_second']:.1f}", _time(one["p50_ms"]), _time(one["p99_ms"]), str(one["errors"])


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        words = [f"{word:<{width}}" for word, width in zip(row[:_LEFT], widths, strict=False)]
        words += [f"{word:>{width}}" for word, width in zip(row[_LEFT:], widths[_LEFT:], strict=True)]
        yield "  ".join(words).rstrip()


def _count(number: int, of: str) -> str:
    return f"{number} {of}{'' if number == 1 else 's'}"


def _time(milliseconds: float | None) -> str:
    if milliseconds is None:
        return _NOTHING
    return f"{milliseconds:.0f} ms" if milliseconds < 10_000 else f"{milliseconds / 1000:.0f} s"


def _span(seconds: float | None) -> str:
    """How long something lasts, in its two largest units."""
    if seconds is None:
        return _NOTHING
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d{hours:02}h"
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"
