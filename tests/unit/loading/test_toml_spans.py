"""Where toml_places finds the keys and values of documents written in every style TOML has."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nginxgen.loading.toml_spans import DEEPEST, toml_places
from nginxgen.source import Path, Span


def cut(text: str, span: Span | None) -> str | None:
    return None if span is None else text[span.start : span.end]


def found(text: str) -> dict[Path, tuple[str | None, str | None]]:
    """The text of each key and value."""
    tomllib.loads(text)
    return {path: (cut(text, place.key), cut(text, place.value)) for path, place in toml_places(text).items()}


def values_in(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """All values below a value, with their paths."""
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in steps:
        yield (*path, step), value
        yield from values_in(value, (*path, step))


def test_offsets_count_the_characters_of_the_text_given() -> None:
    assert toml_places("# é😀\r\n k\t= 'ü' # x\r\n") == {("k",): (Span(7, 8), Span(11, 14))}


@pytest.mark.parametrize(
    "value",
    [
        *('""', '"a\\"#\\\\"', "''", "'\\'", '"é😀"', '"a]},"'),
        *('""""""', '""""a""b"""""', '"""\n\\""" \\\n  x"""', "''''''", "''''a''b'''''", "'''\n\\'''"),
        *("true", "false", "-1_000", "0xFF", "6.5e-3", "+inf", "nan"),
        *("1979-05-27T07:32:00Z", "1979-05-27 07:32:00.5-08:00", "1979-05-27", "07:32:00"),
        *("[]", "[ # ]\n]", "{}", "[[1], {a.b = ']'}, # x\n]"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_value_stands_without_what_surrounds_it(value: str, newline: str) -> None:
    value = value.replace("\n", newline)
    for text in f"k={value}", f"\tk =\t{value}\t# k = 1{newline}z=1", f"k = {value} {newline}":
        assert found(text)[("k",)] == ("k", value)
    for text in (
        f"k=[{value},{value}]",
        f"k = [ # [{newline}{value} ,{newline} {value} # ,{newline},{newline}]",
    ):
        assert found(text)[("k", 0)] == found(text)[("k", 1)] == (None, value)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("a-1_", "a-1_"),
        ('"a.b"', "a.b"),
        ("'a\\'", "a\\"),
        ('""', ""),
        ('"\\u00e9\\"="', 'é"='),
        ("1979", "1979"),
    ],
)
def test_a_key_stands_as_written(written: str, name: str) -> None:
    assert found(f"{written} = 1") == {(name,): (written, "1")}
    assert found(f"[ {written} ]") == {(name,): (written, f"[ {written} ]")}


def test_the_parts_of_a_dotted_key() -> None:
    assert found("a . 'b'.c = 1\na.d = 2") == {
        ("a",): ("a", "a"),
        ("a", "b"): ("'b'", "a . 'b'"),
        ("a", "b", "c"): ("c", "1"),
        ("a", "d"): ("d", "2"),
    }


def test_an_inline_table() -> None:
    assert found("t = { a.b = 1, c = [2,{ }] }") == {
        ("t",): ("t", "{ a.b = 1, c = [2,{ }] }"),
        ("t", "a"): ("a", "a"),
        ("t", "a", "b"): ("b", "1"),
        ("t", "c"): ("c", "[2,{ }]"),
        ("t", "c", 0): (None, "2"),
        ("t", "c", 1): (None, "{ }"),
    }


def test_a_table_stands_at_its_header() -> None:
    assert found("[ a.b ] # [c]\nk = 1\n[a.c]") == {
        ("a",): ("a", "[ a.b ]"),
        ("a", "b"): ("b", "[ a.b ]"),
        ("a", "b", "k"): ("k", "1"),
        ("a", "c"): ("c", "[a.c]"),
    }


def test_a_table_moves_to_the_header_of_its_own() -> None:
    places = found("[a.b.c]\n[a]\n[a.b]")
    assert places[("a",)] == ("a", "[a]")
    assert places[("a", "b")] == ("b", "[a.b]")


def test_headers_of_list_elements() -> None:
    text = "[[s]]\n[s.t]\n[[s.l]]\nx.y=1\n[[s.l]]\n[s.l.u]\n[[ s ]]\n[[s.l]]"
    assert found(text) == {
        ("s",): ("s", "[[s]]"),
        ("s", 0): (None, "[[s]]"),
        ("s", 0, "t"): ("t", "[s.t]"),
        ("s", 0, "l"): ("l", "[[s.l]]"),
        ("s", 0, "l", 0): (None, "[[s.l]]"),
        ("s", 0, "l", 0, "x"): ("x", "x"),
        ("s", 0, "l", 0, "x", "y"): ("y", "1"),
        ("s", 0, "l", 1): (None, "[[s.l]]"),
        ("s", 0, "l", 1, "u"): ("u", "[s.l.u]"),
        ("s", 1): (None, "[[ s ]]"),
        ("s", 1, "l"): ("l", "[[s.l]]"),
        ("s", 1, "l", 0): (None, "[[s.l]]"),
    }


@pytest.mark.parametrize("rest", ["?", "x", "x.", "x=", "x=?", "[", "[x", "x=[", "x=[1", "x={y", '"\\q"=1', 'x="', "]"])
def test_text_that_is_no_toml_ends_the_search(rest: str) -> None:
    assert toml_places(f"a = 1\n{rest}")[("a",)] == (Span(0, 1), Span(4, 5))


def test_depth_is_no_danger() -> None:
    depth = 20_000
    for text in f"x = {'[' * depth}{']' * depth}", f"x = {'{a=' * depth}1{'}' * depth}":
        places = toml_places(text)
        assert places[("x",)].value == Span(4, len(text))
        assert max(map(len, places)) == len(places) == DEEPEST
    for text in f"[x{'.x' * depth}]\nb = 1\n[c]", f"[[x{'.x' * depth}]]\n[c]", f"x{'.x' * depth} = 1\n[c]":
        assert max(map(len, toml_places(text))) == DEEPEST
        assert ("c",) in toml_places(text)


def test_size_is_no_danger() -> None:
    text = "x = [\n" + "  'something long enough', # 7\n" * 100_000 + "]\n"
    start = perf_counter()
    assert len(toml_places(text)) == 100_001
    assert perf_counter() - start < 3


KEY = st.sampled_from(["a", "b", "c", "'a'", '"\\u0062"', "'d.e'", '"é \\" #"', "''", "10"])
DOTTED_KEY = st.lists(KEY, min_size=1, max_size=3).flatmap(
    lambda parts: st.sampled_from([".", " . "]).map(lambda dot: dot.join(parts))
)
SCALAR = st.one_of(
    st.sampled_from(["true", "1", "-0.5e3", "nan", "2001-02-03 04:05:06", "2001-02-03", "04:05:06", "0b1"]),
    st.text('a\\"é😀#]},', max_size=6).map(lambda s: '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'),
    st.text('a\\"é😀#]},', max_size=6).map(lambda s: f"'{s}'"),
    st.text("a\"'é#\n", max_size=6).map(lambda s: f"'''{s}'''"),
    st.lists(st.sampled_from(["a", '"', '\\"', "\\\\", "\\\n  ", "\n", "\\u00e9", "#", "'"]), max_size=6).map(
        lambda pieces: f'"""{"".join(pieces)}"""'
    ),
)
GAP = st.sampled_from(["", " ", "\t", "\n", " # it's \"[{\n  "])


@st.composite
def arrays(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    written = [draw(GAP) + value + draw(GAP) for value in draw(st.lists(values, max_size=4))]
    comma = draw(st.sampled_from(["", "," + draw(GAP)])) if written else draw(GAP)
    return f"[{','.join(written)}{comma}]"


@st.composite
def inline_tables(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    pairs = draw(st.lists(st.tuples(DOTTED_KEY, values), max_size=3))
    return "{" + draw(st.sampled_from([",", " , "])).join(f"{key} = {value}" for key, value in pairs) + "}"


VALUE = st.recursive(SCALAR, lambda values: arrays(values) | inline_tables(values), max_leaves=8)
STATEMENT = st.one_of(
    st.builds("{} = {}".format, DOTTED_KEY, VALUE),
    st.builds("{}={}".format, KEY, SCALAR),
    DOTTED_KEY.map("[{}]".format),
    DOTTED_KEY.map("[[ {} ]]".format),
)


def accepted(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Lines of all kinds, without those that tomllib refuses after the lines before them."""
    text = draw(GAP)
    for statement in draw(st.lists(STATEMENT, max_size=12)):
        line = statement + draw(st.sampled_from(["\n", " \n\n", "# '''\n\t"]))
        text += line if accepted(text + line) else ""
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@given(documents())
def test_places_are_those_of_the_data_tomllib_reads(text: str) -> None:
    data = dict(values_in(tomllib.loads(text)))
    places = found(text)
    assert places.keys() == data.keys()
    for path, (key, written) in places.items():
        if isinstance(path[-1], int):
            assert key is None
        else:
            assert tomllib.loads(f"{key} = 0") == {path[-1]: 0}
        if not isinstance(data[path], (dict, list)):
            assert repr(tomllib.loads(f"x = {written}")["x"]) == repr(data[path])
