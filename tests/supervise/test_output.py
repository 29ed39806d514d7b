"""Whatever a child prints becomes lines, and no terminal or pipe that is stuck stops who writes them."""

from __future__ import annotations

import io
import json
import os
import threading
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nginxgen.supervise.output import LONGEST, Console, Lines
from support.running import DEADLINE, wait_until


def lines_of(*parts: bytes) -> list[str]:
    told: list[str] = []
    lines = Lines(told.append)
    for part in parts:
        lines.feed(part)
    lines.close()
    return told


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"one\ntwo\n", ["one", "two"]),
        (b"dos\r\n\n", ["dos", ""]),
        (b"half", ["half"]),
        (b"", []),
        ("ä € 𝄞\n".encode(), ["ä € 𝄞"]),
        (b"\xff\xc3\n", ["\\xff\\xc3"]),
        (b"tab\tbell\a nul\0 del\x7f\n", ["tab\tbell\\x07 nul\\x00 del\\x7f"]),
        (b"10%\r20%\n", ["10%\\x0d20%"]),
        (b"\x1b[1;31mred\x1b[0m\n", ["\x1b[1;31mred\x1b[0m"]),
        (b"\x1b[2Jgone \x1b]0;title\a\n", ["\\x1b[2Jgone \\x1b]0;title\\x07"]),
        ("\x9b2J \u2028 \u202e\n".encode(), ["\\x9b2J \\u2028 \\u202e"]),
    ],
)
def test_lines(data: bytes, expected: list[str]) -> None:
    assert lines_of(data) == expected
    assert lines_of(*(bytes([one]) for one in data)) == expected


@given(st.lists(st.binary(max_size=40)))
@example([b"\xe2\x82", b"\xac\n"])
def test_where_the_bytes_are_cut_changes_nothing(parts: list[bytes]) -> None:
    told = lines_of(*parts)
    assert told == lines_of(b"".join(parts))
    assert not [line for line in told if "\n" in line or "\r" in line or "\0" in line]


def test_a_line_that_never_ends_is_cut_and_held_in_bounds() -> None:
    told: list[str] = []
    lines = Lines(told.append)
    for _ in range(1000):
        lines.feed(b"x" * 1000)
        assert len(lines._begun) <= LONGEST
    lines.feed(b"\nnext\n")
    assert told == ["x" * LONGEST + f" … [{1_000_000 - LONGEST} more bytes]", "next"]


def test_a_character_that_is_cut_is_no_error() -> None:
    (line,) = lines_of(b"x" * (LONGEST - 1) + "€\n".encode())
    assert line == "x" * (LONGEST - 1) + " … [2 more bytes]"


def test_the_last_lines_are_kept() -> None:
    lines = Lines(lambda line: None, keep=2)
    lines.feed(b"1\n2\n3\n4")
    assert list(lines.last) == ["2", "3"]
    lines.close()
    assert list(lines.last) == ["3", "4"]


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_text_is_aligned_and_plain_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    console = Console(stream)
    console.event("first\nsecond")
    console.line("shop.12345", "\x1b[31mred\x1b[0m")
    console.line("a", "b\x1b[2J")
    console.close()
    assert stream.getvalue() == (
        "nginxgen | first\nnginxgen | second\nshop.12345 | red\na          | b\\x1b[2J\n"
    )  # fmt: skip


def test_colours_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Screen()
    console = Console(stream)
    console.line("a", "\x1b[31mred")
    console.line("b", "plain")
    console.close()
    assert stream.getvalue() == "\x1b[36ma        | \x1b[0m\x1b[31mred\x1b[0m\n\x1b[33mb        | \x1b[0mplain\n"


def test_no_colours_when_they_are_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Screen()
    console = Console(stream)
    console.line("a", "\x1b[31mred")
    console.close()
    assert stream.getvalue() == "a        | red\n"


def test_json() -> None:
    stream = io.StringIO()
    console = Console(stream, "json", clock=lambda: 1_000_000_000.0625)
    console.line("a", '"ä"\x1b[31m\\x07')
    console.event("two\nlines \ud800")
    console.close()
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        {"time": "2001-09-09T01:46:40.062Z", "source": "a", "message": '"ä"\\x07'},
        {"time": "2001-09-09T01:46:40.062Z", "source": "nginxgen", "message": "two\nlines �"},
    ]


@pytest.mark.parametrize("format", ["text", "json"])
def test_a_stream_that_cannot_hold_every_character(format: str) -> None:
    raw = io.BytesIO()
    console = Console(io.TextIOWrapper(raw, "ascii"), format)
    console.line("a", "ä")
    console.close()
    assert (b"\\xe4" if format == "text" else b"\\u00e4") in raw.getvalue()


def test_a_stuck_pipe_blocks_nobody_and_what_was_dropped_is_said() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as source, open(writing, "w", encoding="utf-8") as stream:
        console = Console(stream, limit=100_000)
        began = time.monotonic()
        for number in range(10_000):
            console.line("a", f"{number:05} {'x' * 100}")
        assert time.monotonic() - began < DEADLINE / 2
        assert console._dropped > 0
        begun = time.monotonic()
        console.close(0.05)
        assert time.monotonic() - begun < DEADLINE / 2
        got: list[bytes] = []
        reader = threading.Thread(target=lambda: got.extend(iter(source.readline, b"")))
        reader.start()
        console._writer.join(DEADLINE)
        assert not console._writer.is_alive()
        stream.close()
        reader.join(DEADLINE)
    texts = [line.decode().partition(" | ")[2] for line in got]
    kept = [int(text[:5]) for text in texts if text.endswith("x\n")]
    dropped = [
        int(text.split(" ")[0])
        for text in texts
        if text.endswith("lines dropped: the output was not read fast enough\n")
    ]
    assert kept == sorted(kept)
    assert len(kept) + sum(dropped) == 10_000
    assert len(kept) + len(dropped) == len(texts)
    assert console.recent(1)[0]["message"].startswith("09999 ")


def test_dropped_lines_are_told_where_they_are_missing() -> None:
    free = threading.Event()
    stuck = threading.Event()

    class Stuck(io.StringIO):
        def write(self, text: str) -> int:
            stuck.set()
            assert free.wait(DEADLINE)
            return super().write(text)

    stream = Stuck()
    console = Console(stream, limit=200)
    console.line("a", "first")
    assert stuck.wait(DEADLINE)
    for number in range(6):
        console.line("a", f"{number}")
    with console._changed:  # as after a batch was taken
        console._waiting_size = 0
    console.line("a", "after")
    free.set()
    console.close(DEADLINE)
    shown = [line.partition(" | ")[2] for line in stream.getvalue().splitlines()]
    assert shown == ["first", "0", "1", "2", "3 lines dropped: the output was not read fast enough", "after"]


def test_a_pipe_that_nobody_reads_any_more() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", encoding="utf-8") as stream:
        console = Console(stream)
        console.line("a", "b")
        wait_until(lambda: console.gone, "the console knows that nobody reads")
        console.line("a", "c")
        console.close()
    assert [one["message"] for one in console.recent(10)] == ["b", "c"]


def test_a_pipe_that_somebody_made_non_blocking() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with open(reading, "rb") as source:
        with open(writing, "w", encoding="utf-8") as stream:
            console = Console(stream)
            for _ in range(3000):
                console.line("a", "x" * 100)
            got: list[bytes] = []
            reader = threading.Thread(target=lambda: got.extend(iter(source.readline, b"")))
            reader.start()
            console.close(DEADLINE)
        reader.join(DEADLINE)
    assert len(got) == 3000


def test_recent_lines() -> None:
    console = Console(io.StringIO())
    for number in range(1, 6):
        console.line("a", str(number))
    assert [one["message"] for one in console.recent(2)] == ["4", "5"]
    assert [one["number"] for one in console.recent(10, after=3)] == [4, 5]
    assert console.recent(10, after=5) == console.recent(0) == console.recent(-1) == []
    for _ in range(300):
        console.line("a", "x" * 8192)
    console.close()
    assert len(console.recent(1000)) < 150
