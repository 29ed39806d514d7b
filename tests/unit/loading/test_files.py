"""Files that are no cluster file: one clear message each, whatever is wrong with them, and never a traceback."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nginxgen import ConfigError, Diagnostic, Loaded, Unavailable, load
from nginxgen.diagnostic import Spot
from nginxgen.report import to_text

DEEP = 10_000
FINE = '[[server]]\nlisten = [80]\nserver_name = ["a"]\n'


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., Diagnostic]:
    """Write a file and load it: the one message."""

    def written(content: bytes | str, name: str = "cluster.toml") -> Diagnostic:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return the_one(path)

    return written


def the_one(path: Path | str) -> Diagnostic:
    with pytest.raises(ConfigError) as refused:
        load(path)
    (one,) = refused.value.diagnostics
    shown = to_text(refused.value.diagnostics, refused.value.sources)
    assert shown.startswith(f"error[{one.code}]: ")
    assert len(shown) < 2000
    return one


def position(one: Diagnostic) -> tuple[int, int]:
    assert isinstance(one.where, Spot)
    return one.where.file.position(one.where.span.start)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("server {\n", (1, 8)),
        ("[[server]]\nlisten = 80;\n", (2, 12)),
        ("[[server]]\nlisten = [80\n", (2, 12)),
        ("a = 1\na = 2\n", (2, 6)),
        ("[a]\nb = 'x\n", (2, 7)),
        ('a = "\\q"\n', (1, 7)),
        ("a = \x00\n", (1, 5)),
        ("a = 'x\x1by'\n", (1, 7)),
        ("# a comment with \x07\n", (1, 18)),
        ("a = 1979-13-40\n", (1, 9)),
        ("é = 1\n", (1, 1)),
        ("ü = 'é'", (1, 1)),
    ],
)
def test_not_toml(refusal: Callable[..., Diagnostic], text: str, place: tuple[int, int]) -> None:
    one = refusal(text)
    assert one.code == "NG001"
    assert one.message.startswith("this is not TOML: ")
    assert "(at line" not in one.message, "the place is shown, not told"
    line, column = position(one)
    assert line == place[0]
    assert abs(column - place[1]) <= 2


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": }', (1, 7)),
        ('{"a": 1,}', (1, 8)),
        ("{'a': 1}", (1, 2)),
        ('{"a": 1', (1, 8)),
        ('{\n "a": "\x00"}', (2, 8)),
        ('{"a": 1} x', (1, 10)),
        ("nul", (1, 1)),
    ],
)
def test_not_json(refusal: Callable[..., Diagnostic], text: str, place: tuple[int, int]) -> None:
    one = refusal(text, "cluster.json")
    assert one.code == "NG001"
    assert one.message.startswith("this is not JSON: ")
    line, column = position(one)
    assert line == place[0]
    assert abs(column - place[1]) <= 1


@pytest.mark.parametrize("text", ["[]", "1", '"x"', "null", "true"])
def test_json_that_is_no_object(refusal: Callable[..., Diagnostic], text: str) -> None:
    one = refusal(text, "cluster.json")
    assert one.code == "NG001"
    assert "object" in one.message


@pytest.mark.parametrize("text", ['{"NaN": NaN}', '{"http": {"keepalive_timeout": Infinity}}', '{"a": -Infinity}'])
def test_json_has_no_nan(refusal: Callable[..., Diagnostic], text: str) -> None:
    assert refusal(text, "cluster.json").code in ("NG001", "NG003", "NG005")


@pytest.mark.parametrize(
    "text",
    [
        '{"server": [{"listen": 80, "listen": 81}]}',
        '{"upstream": {"a": {"servers": "b"}, "a": {"servers": "c"}}}',
        '{"http": {"gzip": true}, "http": {"gzip": false}}',
    ],
)
def test_json_keys_stand_once(refusal: Callable[..., Diagnostic], text: str) -> None:
    one = refusal(text, "cluster.json")
    assert one.code in ("NG001", "NG010")
    assert "twice" in one.message


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\r\n", "\ufeff", "\ufeff \n"])
@pytest.mark.parametrize("name", ["cluster.toml", "cluster.json"])
def test_empty(refusal: Callable[..., Diagnostic], text: str, name: str) -> None:
    one = refusal(text, name)
    assert one.code == "NG002"
    assert "is empty" in one.message
    assert one.help


def test_missing(tmp_path: Path) -> None:
    one = the_one(tmp_path / "nosuch.toml")
    assert (one.code, one.message) == ("NG002", f"{tmp_path}/nosuch.toml does not exist")


def test_a_folder(tmp_path: Path) -> None:
    one = the_one(tmp_path)
    assert (one.code, one.help) == ("NG002", None)
    assert one.message.endswith("is a folder, not a file")
    (tmp_path / "cluster.toml").write_text(FINE)
    assert the_one(tmp_path).help == f"did you mean {tmp_path}/cluster.toml?"


@pytest.mark.parametrize("name", ["a\0b.toml", "x" * 5000 + ".toml", "cluster.toml/below"])
def test_a_name_that_no_file_has(tmp_path: Path, name: str) -> None:
    (tmp_path / "cluster.toml").write_text(FINE)
    with pytest.raises((Unavailable, ConfigError)) as refused:
        load(f"{tmp_path}/{name}")
    assert len(str(refused.value)) < 6000


@pytest.mark.parametrize("filling", [b"#", b" ", b"a", b"\n", b"["])
def test_50_megabytes(refusal: Callable[..., Diagnostic], filling: bytes) -> None:
    one = refusal(filling * 50 * 2**20)
    assert one.code == "NG002"
    assert "larger than 32 MB" in one.message


def test_a_file_without_end() -> None:
    assert "larger than 32 MB" in the_one("/dev/zero").message


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (FINE.encode() + b"# caf\xe9\n", 4),
        (FINE.encode("utf-16"), 1),
        (b"\xff\xfe", 1),
        (b"a = '\xc0\x80'", 1),
        (b"a = '\xed\xa0\x80'", 1),
        (b"\n\n\n\x80", 4),
        (b"\x89PNG\r\n\x1a\n", 1),
    ],
)
def test_not_utf_8(refusal: Callable[..., Diagnostic], content: bytes, line: int) -> None:
    one = refusal(content)
    assert one.code == "NG002"
    assert "is not in UTF-8" in one.message
    assert f"line {line} " in one.message


@pytest.mark.parametrize("before", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("form", ["toml", "json"])
def test_a_byte_order_mark_and_dos_line_ends_are_taken(tmp_path: Path, before: str, newline: str, form: str) -> None:
    text = FINE if form == "toml" else json.dumps({"server": [{"listen": [80], "server_name": ["a"]}]}, indent=1)
    path = tmp_path / f"cluster.{form}"
    path.write_bytes((before + text.replace("\n", newline)).encode())
    assert load(path).cluster.server[0].server_name == ("a",)


@pytest.mark.parametrize("before", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_they_do_not_move_what_is_shown(tmp_path: Path, before: str, newline: str) -> None:
    path = tmp_path / "cluster.toml"
    path.write_bytes((before + FINE.replace("listen", "lissen").replace("\n", newline)).encode())
    with pytest.raises(ConfigError) as refused:
        load(path)
    shown = to_text(refused.value.diagnostics, refused.value.sources)
    assert f"--> {path}:2:1\n" in shown
    assert "2 | lissen = [80]\n" in shown
    assert "\r" not in shown


NESTED: dict[str, tuple[str, str]] = {
    "arrays": ("cluster.toml", "a = " + "[" * DEEP + "]" * DEEP),
    "arrays without end": ("cluster.toml", "a = " + "[" * DEEP),
    "tables in a line": ("cluster.toml", "a = " + "{a = " * DEEP + "1" + "}" * DEEP),
    "keys with dots": ("cluster.toml", ".".join(["a"] * DEEP) + " = 1"),
    "a header with dots": ("cluster.toml", "[" + ".".join(["a"] * DEEP) + "]"),
    "a header of lists": ("cluster.toml", "[[" + ".".join(["a"] * DEEP) + "]]"),
    "JSON arrays": ("cluster.json", '{"a": ' + "[" * DEEP + "]" * DEEP + "}"),
    "JSON arrays without end": ("cluster.json", '{"a": ' + "[" * DEEP),
    "JSON objects": ("cluster.json", '{"a":' * DEEP + "1" + "}" * DEEP),
    "a hatch": ("cluster.toml", "[http]\ndirectives = [" + '["a", [], [' * 25 + "]]" * 25 + "]"),
    "locations": ("cluster.toml", "".join(f"[[server{'.location' * at}]]\npath = '/'\n" for at in range(1, 100))),
}


@pytest.mark.parametrize("nested", NESTED)
def test_nested_too_deep(refusal: Callable[..., Diagnostic], nested: str) -> None:
    name, text = NESTED[nested]
    one = refusal(text, name)
    assert one.code in ("NG001", "NG002", "NG003", "NG006")


def test_as_deep_as_nginx_goes_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "cluster.toml"
    text = "[[server]]\nlisten = 80\n"
    text += "".join(f"[[server{'.location' * at}]]\npath = '{'/a' * at}'\n" for at in range(1, 15))
    path.write_text(text)
    location: Any = load(path).cluster.server[0]
    for _ in range(14):
        (location,) = location.location
    assert str(location.path) == "/a" * 14


class Standard:
    """What stands for ``sys.stdin``."""

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "NG002"),
        (b" \n", "NG002"),
        (b"[" * 40 * 2**20, "NG002"),
        (b"\xff", "NG002"),
        (b"nonsense", "NG001"),
        (b'{"a": 1,}', "NG001"),
        (b'\xef\xbb\xbf{"nosuch": 1}', "NG003"),
        (b" \n {", "NG001"),
    ],
)
def test_standard_input(monkeypatch: pytest.MonkeyPatch, content: bytes, code: str) -> None:
    monkeypatch.setattr(sys, "stdin", Standard(content))
    one = the_one("-")
    assert one.code == code
    if code == "NG002":
        assert "standard input" in one.message


def test_standard_input_is_toml_or_json(monkeypatch: pytest.MonkeyPatch) -> None:
    def loaded(content: bytes) -> Loaded:
        monkeypatch.setattr(sys, "stdin", Standard(content))
        return load("-")

    assert loaded(FINE.encode()).cluster == loaded(b' {"server": [{"listen": 80, "server_name": "a"}]}').cluster


def test_json_in_a_toml_file_is_recognised(refusal: Callable[..., Diagnostic]) -> None:
    one = refusal('{"server": []}')
    assert one.code == "NG001"
    assert one.help
    assert ".json" in one.help


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "cluster.toml"
    path.write_text(
        'nosuch = 1\n[http]\ngzip = "on"\ngzip_comp_level = 12\n[upstream.app]\nservers = ["a:0", { weight = 2 }]\n'
        'balance = "least_con"\n[[server]]\nlisten = ["80:80"]\n[[server.location]]\npath = "x"\nwebsokket = true\n'
    )
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert sorted(one.code for one in refused.value.diagnostics) == [
        *("NG003", "NG003", "NG004", "NG005", "NG006", "NG006", "NG006", "NG006", "NG007")
    ]
