"""Where json_places finds the keys and values of documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nginxgen.loading.json_spans import DEEPEST, json_places
from nginxgen.source import Path, Span


def cut(text: str, span: Span | None) -> str | None:
    return None if span is None else text[span.start : span.end]


def found(text: str) -> dict[Path, tuple[str | None, str | None]]:
    """The text of each key and value."""
    json.loads(text)
    return {path: (cut(text, place.key), cut(text, place.value)) for path, place in json_places(text).items()}


def values_in(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """A value and all values below it, with their paths."""
    yield path, data
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in steps:
        yield from values_in(value, (*path, step))


def test_offsets_count_the_characters_of_the_text_given() -> None:
    assert json_places('\r\n{"é😀": 12}\r\n') == {
        (): (None, Span(2, 12)),
        ("é😀",): (Span(3, 7), Span(9, 11)),
    }


def test_objects_and_arrays() -> None:
    assert found('{"a" : [1, {"b":[ ]} ,"]}"],"": { } }\n') == {
        (): (None, '{"a" : [1, {"b":[ ]} ,"]}"],"": { } }'),
        ("a",): ('"a"', '[1, {"b":[ ]} ,"]}"]'),
        ("a", 0): (None, "1"),
        ("a", 1): (None, '{"b":[ ]}'),
        ("a", 1, "b"): ('"b"', "[ ]"),
        ("a", 2): (None, '"]}"'),
        ("",): ('""', "{ }"),
    }


@pytest.mark.parametrize("value", ["null", "true", "-1.5E+3", "0", "NaN", "-Infinity", '""', '"\\\\\\"\\u00e9,"', "[]"])
def test_a_value_stands_without_what_surrounds_it(value: str) -> None:
    assert found(f" {value}\n") == {(): (None, value)}
    assert found(f"[ {value}\t,{value}]")[(0,)] == (None, value)


def test_escapes_in_keys_are_decoded() -> None:
    assert found('{"\\u00e9\\"\\\\": 1}')[('é"\\',)] == ('"\\u00e9\\"\\\\"', "1")


def test_of_a_key_written_twice_the_last_counts() -> None:
    assert json_places('{"a": 1, "a": 2}')[("a",)] == (Span(9, 12), Span(14, 15))


@pytest.mark.parametrize("rest", ["", "?", "{", '{"a', '{"\\q": 1}', "{[", "{1: 2}", "[", '"x'])
def test_text_that_is_no_json_ends_the_search(rest: str) -> None:
    assert json_places(f"[1, {rest}") == {(0,): (None, Span(1, 2))}
    assert json_places(f"1 {rest}") == {(): (None, Span(0, 1))}
    assert json_places("]") == {}


def test_depth_is_no_danger() -> None:
    depth = 20_000
    for text in "[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth:
        places = json_places(text)
        assert places[()].value == Span(0, len(text))
        assert max(map(len, places)) == len(places) - 1 == DEEPEST


def test_size_is_no_danger() -> None:
    text = "[\n" + ",\n".join(['  "something long enough here"'] * 100_000) + "]\n"
    start = perf_counter()
    assert len(json_places(text)) == 100_001
    assert perf_counter() - start < 3


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text('\\"]},:é😀')
KEYS = st.text(max_size=5) | st.text('\\"]},:é😀', max_size=5)
DATA = st.recursive(SCALARS, lambda values: st.lists(values) | st.dictionaries(KEYS, values), max_leaves=20)


@given(
    data=DATA,
    indent=st.sampled_from([None, 0, "\t"]),
    ascii_only=st.booleans(),
    separators=st.sampled_from([(",", ":"), (" ,\r\n", " : ")]),
)
def test_places_are_those_of_the_data_json_reads(
    data: Any, indent: int | str | None, ascii_only: bool, separators: tuple[str, str]
) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_only, separators=separators)
    places = found(text)
    values = dict(values_in(json.loads(text)))
    assert places.keys() == values.keys()
    for path, (key, written) in places.items():
        assert repr(json.loads(written or "")) == repr(values[path])
        assert (json.loads(key) if key else None) == (path[-1] if path and isinstance(path[-1], str) else None)
