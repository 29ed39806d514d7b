"""Streams: JSON for programs, colour and progress for terminals only, pipes that break, Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.command import HELLO, Done, console_script, environment, nginxgen, on_terminal
from support.running import DEADLINE

WRONG = HELLO.replace("listen", "lissen").replace('upstream = "app"', 'upstream = "app"\nwebsocket = 1')
LARGE = (
    "[upstream.app]\nservers = [\n{}]\n[[server]]\nlisten = [8080]\n[[server.location]]\npath = '/'\nupstream = 'app'\n"
)


def large(servers: int) -> str:
    rows = (f'"10.{at >> 16}.{at >> 8 & 255}.{at & 255}:80",\n' for at in range(servers))
    return LARGE.format("".join(rows))


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "cluster.toml"
    path.write_text(WRONG)
    return path


def test_json_messages_have_code_and_place(wrong: Path) -> None:
    done = nginxgen("render", "cluster.toml", "--format", "json", cwd=wrong.parent)
    assert (done.code, done.out) == (1, "")
    found = {one["code"]: one for one in done.messages}
    assert set(found) == {"NG003", "NG005"}
    unknown = found["NG003"]
    assert (unknown["severity"], unknown["path"]) == ("error", "server[0].lissen")
    assert (unknown["file"], unknown["line"], unknown["column"], unknown["end_column"]) == ("cluster.toml", 5, 1, 7)
    assert "listen" in unknown["help"]
    for one in done.messages:
        assert set(one) == {
            "code",
            "severity",
            "message",
            "help",
            "path",
            "file",
            "line",
            "column",
            "end_column",
            "also",
        }


def test_json_messages_show_both_places_of_a_clash(tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text(HELLO + 'return = 204\nproxy_pass = "http://10.0.0.1"\n')
    done = nginxgen("render", "cluster.toml", "--format=json", cwd=tmp_path)
    assert done.code == 1
    clash = done.messages[0]
    assert clash["code"] == "NG016"
    assert [(one["file"], one["line"], one["column"]) for one in clash["also"]] == [("cluster.toml", 9, 1)]
    assert all(one["message"] for one in clash["also"])


def test_json_without_findings_is_an_empty_list(tmp_path: Path) -> None:
    done = nginxgen("render", "-", "--format", "json", stdin=HELLO)
    assert (done.code, done.messages) == (0, [])
    assert done.out.startswith("# Made by")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["render", "-", "--format", "json", "-o", "missing/nginx.conf"], 4),
        (["render", "-", "--format", "json", "-o", "nginx.conf"], 0),
        (["check", "-", "--format", "json", "--nginx", "/nosuch"], 4),
        (["render", "nosuch.toml", "--format", "json"], 1),
        (["render", "-", "--format", "json", "--target", "9.9"], 1),
    ],
)
def test_with_format_json_a_program_can_read_all_of_stderr(words: list[str], code: int, tmp_path: Path) -> None:
    done = nginxgen(*words, stdin=HELLO, cwd=tmp_path)
    assert done.code == code
    assert isinstance(json.loads(done.err), list)
    assert code == 0 or done.messages[0]["message"]


def test_piped_output_has_no_colour(wrong: Path) -> None:
    assert "\x1b" not in nginxgen("render", wrong).err


def finished(*words: str | Path, piped: bool = True, env: dict[str, str] | None = None) -> Done:
    with on_terminal(*words, piped=piped, env=env) as terminal:
        return terminal.finish()


def test_a_terminal_has_colour(wrong: Path) -> None:
    done = finished("render", wrong)
    assert done.code == 1
    assert "\x1b[31merror[NG003]\x1b[0m" in done.err
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.err).replace("\r\n", "\n")
    assert plain == nginxgen("render", wrong).err


@pytest.mark.parametrize("value", ["1", "yes"])
def test_no_color_is_respected(wrong: Path, value: str) -> None:
    assert "\x1b[" not in finished("render", wrong, env={"NO_COLOR": value}).err


def test_an_empty_no_color_counts_as_not_set(wrong: Path) -> None:
    assert "\x1b[31m" in finished("render", wrong, env={"NO_COLOR": ""}).err  # https://no-color.org


def test_the_text_has_no_colour_on_a_terminal_either(tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text(HELLO)
    done = finished("render", tmp_path / "cluster.toml", piped=False)
    assert done.code == 0
    assert "\x1b" not in done.err
    assert "proxy_pass http://app;" in done.err


def test_progress_is_told_on_a_terminal_and_wiped() -> None:
    line = re.compile(r"\r\x1b\[Knginxgen: \w[\w ]* … [1-9][0-9]* s")
    with on_terminal("render", "-") as terminal:
        terminal.read_until(lambda shown: line.search(shown) is not None)  # it waits for its input meanwhile
        done = terminal.finish(HELLO.encode())
    assert done.code == 0
    assert done.out.startswith("# Made by")
    assert done.err.endswith("\r\x1b[K")
    assert "\n" not in done.err


def test_progress_tells_what_takes_long() -> None:
    with on_terminal("render", "-") as terminal:
        done = terminal.finish(large(40_000).encode())
    assert done.code == 0
    told = re.findall(r"nginxgen: ([\w ]+) … [0-9]+ s", done.err)
    assert set(told) <= {"reading", "checking", "expanding", "printing", "proving"}
    assert done.err == "" or done.err.endswith("\r\x1b[K")


def test_short_work_and_pipes_get_no_progress() -> None:
    with on_terminal("render", "-") as terminal:
        assert terminal.finish(HELLO.encode()).err == ""
    done = nginxgen("render", "-", stdin=large(20_000))
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("words", [["render", "-"], ["schema"]])
def test_a_reader_that_goes_away_is_no_error(words: list[str]) -> None:
    command = subprocess.Popen(
        [console_script(), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    with command:
        assert command.stdin
        assert command.stdout
        assert command.stderr
        command.stdout.close()
        if words == ["render", "-"]:
            command.stdin.write(large(5000).encode())
        command.stdin.close()
        assert command.stderr.read() == b""
        assert command.wait(DEADLINE) == 128 + signal.SIGPIPE


def test_head_takes_one_line(tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text(large(5000))
    done = nginxgen(f"{console_script()} render cluster.toml | head -n 1", command=["sh", "-c"], cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# Made by")
    assert done.out.count("\n") == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_the_environment(tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text(HELLO)
    done = nginxgen(f"{console_script()} render cluster.toml > /dev/full", command=["sh", "-c"], cwd=tmp_path)
    assert done.code == 4
    assert "No space left" in done.err
    assert "Traceback" not in done.err
    assert "NG050" not in done.err


def test_ctrl_c_ends_with_130() -> None:
    command = subprocess.Popen(
        [console_script(), "render", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    with command:
        assert command.stdin
        assert command.stderr
        # More than a pipe holds: once it is written, the command is reading, and it waits for the end.
        command.stdin.write(b"#" * 300_000)
        command.stdin.flush()
        end = time.monotonic() + DEADLINE
        while command.poll() is None and time.monotonic() < end:
            # Between two reads, Python sees a signal only after the next one: people press the keys again too.
            command.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                command.wait(0.5)
        command.kill()
        assert command.wait() == 128 + signal.SIGINT
        assert b"Traceback" not in command.stderr.read()
