"""How findings look: the caret stands under what is meant, and nothing of a file can move a terminal's cursor."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nginxgen import ConfigError, Diagnostic, load, render
from nginxgen.diagnostic import Spot, error, note, warning
from nginxgen.report import in_order, summary, to_json, to_text
from nginxgen.source import SourceFile, Span


def spot(text: str, marked: str, name: str = "cluster.toml") -> Spot:
    start = text.index(marked)
    return Spot(SourceFile(name, text), Span(start, start + len(marked)))


def shown(text: str, marked: str) -> list[str]:
    return to_text([error("NG006", "wrong", spot(text, marked), "mend it")]).splitlines()


def width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )


def test_the_whole_of_a_message() -> None:
    text = 'a = 1\nupstream = "crat"\n'
    assert to_text([error("NG012", 'upstream "crat" is not defined', spot(text, '"crat"'), "did you mean cart?")]) == (
        'error[NG012]: upstream "crat" is not defined\n'
        " --> cluster.toml:2:12\n"
        "  |\n"
        '2 | upstream = "crat"\n'
        "  |            ^^^^^^\n"
        "  = help: did you mean cart?\n"
    )


def test_both_places_of_a_clash(tmp_path: Path) -> None:
    path = tmp_path / "cluster.toml"
    path.write_text("[[server]]\nlisten = 80\nserver_name = ['a']\n" + "\n" * 8 + "[[server]]\nserver_name = ['a']\n")
    with pytest.raises(ConfigError) as refused:
        render(load(path))
    text = to_text(refused.value.diagnostics, refused.value.sources).replace(f"{tmp_path}/", "")
    assert "  --> cluster.toml:13:16\n" in text
    assert "  ::: cluster.toml:3:16\n" in text
    assert " 3 | server_name = ['a']\n   |                --- it is here\n" in text
    assert "13 | server_name = ['a']\n   |                ^^^\n" in text


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("\tlisten = 80", "80"),
        ("a\t=\t\t'x\ty'", "'x\ty'"),
        ("name = 'äöü', other = 'ß'", "'ß'"),
        ("name = 'cafe\u0301', other = 1", "other"),
        ("name = '日本語', other = 1", "other"),
        ("name = '日本語'", "'日本語'"),
        ("name = '🙂🙂', other = 1", "other"),
        ("x" * 159, "x" * 159),
    ],
)
def test_the_caret_stands_under_what_is_meant(line: str, marked: str) -> None:
    _, _, _, source, carets, _ = shown(f"# before\n{line}\n", marked)
    prefix, _, text = source.partition(" | ")
    _, _, marks = carets.partition(" | ")
    assert prefix == "2"
    start = text.index(marked.replace("\t", "    "))
    assert width(marks) - len(marks.lstrip()) == width(text[:start])
    assert marks.strip() == "^" * width(marked.replace("\t", "    "))


@pytest.mark.parametrize("at", [0, 50, 5_000, 99_000])
def test_a_long_line_is_cut_around_the_place(at: int) -> None:
    line = "x" * at + "WRONG" + "y" * (100_000 - at)
    _, place, _, source, carets, _ = shown(line, "WRONG")
    assert place.endswith(f"cluster.toml:1:{at + 1}")
    assert len(source) < 200
    assert source[carets.index("^") : carets.rindex("^") + 1] == "WRONG"


def test_a_long_value_is_cut_too() -> None:
    *_, source, carets, _ = shown("key = '" + "z" * 50_000 + "'", "'" + "z" * 50_000 + "'")
    assert len(source) < 200
    assert len(carets) <= len(source)


@pytest.mark.parametrize("length", range(150, 172, 3))
def test_the_caret_at_the_edge_of_what_is_cut(length: int) -> None:
    line = "x" * (length - 5) + "WRONG"
    *_, source, carets, _ = shown(line, "WRONG")
    assert source[carets.index("^") : carets.rindex("^") + 1] == "WRONG"


def test_a_place_at_the_end_of_a_file() -> None:
    text = "a = [\n"
    one = error("NG001", "not TOML", Spot(SourceFile("a", text), Span(len(text), len(text))))
    assert to_text([one]).splitlines()[3:] == ["2 | ", "  | ^"]


def test_a_place_without_a_file_is_a_path() -> None:
    text = to_text([error("NG006", "wrong", ("server", 0, "location", 2, "path"))])
    assert text == "error[NG006]: wrong\n  at server[0].location[2].path\n"


CONTROLS = "\x00\x07\x08\x0b\x0c\r\x1b\x7f\x85\x9b\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069"


@pytest.mark.parametrize("control", CONTROLS, ids=lambda one: f"U+{ord(one):04X}")
def test_no_control_character_reaches_the_terminal(control: str) -> None:
    text = f"a = 'x{control}y'"
    path = ("http", f"k{control}ey")
    found = [
        error("NG006", f"the value {control}", spot(text, "y'", f"name{control}.toml"), f"help {control}"),
        warning("NG010", "elsewhere", path, also=((path, f"and {control}"),)),
    ]
    assert control not in to_text(found)


@given(st.text(max_size=60), st.text(max_size=10))
def test_whatever_stands_in_a_file(before: str, inside: str) -> None:
    text = to_text([error("NG006", inside, spot(f"{before}<{inside}>", f"<{inside}>"), before)])
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cluster.json", '{"http": {"\\u001b[31mkey\\u009b": 1}}'),
        ("cluster.toml", '[http]\n"\\u001b]0;title\\u0007" = 1'),
        ("cluster.toml", "[http]\ngzip = '\u202egnp\u2066'"),
        ("cluster.toml", "[upstream.\"a\\u001b\"]\nservers = 'a'"),
        ("cluster.toml", "[[server]]\nlisten = '\\u001b[2J'\nserver_name = \"\\u001b[2J\""),
        ("cluster.toml", "[tls.\"\\u009b2J\"]\n[[server]]\nlisten = 443\ntls = 'x'"),
    ],
)
def test_escapes_of_a_file_do_not_come_alive(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        render(load(path))
    printed = to_text(refused.value.diagnostics, refused.value.sources)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", printed)


def test_colour_changes_nothing_but_the_colour() -> None:
    text = "a = 1\nb = 2\n"
    found = [error("NG006", "wrong", spot(text, "2"), "help"), note("NG031", "told", spot(text, "1"))]
    coloured = to_text(found, colour=True)
    assert "\x1b[31merror[NG006]" in coloured
    assert "\x1b[36mnote[NG031]" in coloured
    assert re.sub(r"\x1b\[[0-9]*m", "", coloured) == to_text(found)


def test_findings_are_in_the_order_of_the_file_and_told_once() -> None:
    text = "".join(f"{at} = {at}\n" for at in range(10, 20))
    found = [error("NG006", f"wrong {at}", spot(text, f"{at} =")) for at in (15, 11, 18, 11)]
    found.insert(2, error("NG006", "nowhere"))
    told = [one.message for one in in_order([*found, found[0]], None)]
    assert told == ["wrong 11", "wrong 11", "wrong 15", "wrong 18", "nowhere"]
    same = spot(text, "12")
    assert len(in_order([error("NG006", "x", same), error("NG006", "x", same)], None)) == 1


def test_of_very_many_a_hundred_are_shown() -> None:
    found: list[Diagnostic] = [error("NG006", f"wrong {at}") for at in range(1234)]
    text = to_text(found)
    assert text.count("error[") == 100
    assert "1134 more" in text
    assert summary(found) == "1234 errors"
    assert len(json.loads(to_json(found))) == 1234


def test_the_summary_counts_what_is_shown() -> None:
    found = [error("NG006", "a"), error("NG006", "b"), warning("NG013", "c"), note("NG031", "d"), note("NG031", "d")]
    assert summary(found) == "2 errors, 1 warning, 1 note"
    assert summary([]) == ""


def test_json_holds_the_text_as_it_is() -> None:
    text = "a = '\x9b日本'\n"
    (one,) = json.loads(to_json([error("NG006", "\x1b", spot(text, "'\x9b日本'"))]))
    assert one["message"] == "\x1b"
    assert (one["line"], one["column"], one["end_column"]) == (1, 5, 10)
