"""Values in the files of a deployment: whatever they hold, they are one value when the file's own reader reads them."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from nginxgen.scaffold import words
from nginxgen.scaffold.printing import FOLDER
from support.deployed import need

HOSTILE = (
    "my app; rm -rf /",
    'a"b',
    "a'b",
    "a\\b",
    "a\nb: c",
    "a\r\n[Service]\nExecStart=/bin/sh",
    "no",
    "true",
    "null",
    "~",
    "1e5",
    "0x1f",
    "12:30:45",
    "2026-01-01",
    "- a",
    "a: b",
    "a #b",
    "{a: b}",
    "*a",
    "&a",
    "!a",
    "%i",
    "$HOME ${HOME}",
    "{{ a }}",
    "\x7f\x85\u2028\ufeff",
    "ö\U0001f600",
    "",
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(HOSTILE)
VALUES = st.recursive(TEXTS | st.integers() | st.booleans(), lambda inner: st.lists(inner, max_size=4), max_leaves=8)


def test_hostile_words() -> None:
    for text in HOSTILE:
        assert tomllib.loads(f"a = {words.toml(text)} # b")["a"] == text
        assert yaml.safe_load(f"a: {words.yaml(text)} # b") == {"a": text}


@given(VALUES)
@example([[True], "\\u0041"])
def test_toml(value: Any) -> None:
    text = words.toml(value)
    assert "\n" not in text
    assert tomllib.loads(f"a = {text} # b") == {"a": value}


@given(st.dictionaries(TEXTS, TEXTS, max_size=4))
def test_tables_of_toml(value: dict[str, str]) -> None:
    assert tomllib.loads(f"a = [{words.toml(value)}]") == {"a": [value]}


@given(VALUES)
def test_yaml(value: Any) -> None:
    text = words.yaml(value)
    assert "\n" not in text
    assert yaml.safe_load(f"- a: {text} # b\n") == [{"a": value}]


@given(TEXTS)
def test_units(text: str) -> None:
    """One word, as systemd.syntax(7) has it; what no unit can hold is refused."""
    if not text or re.search(r"[\x00-\x1f\x7f]", text):
        with pytest.raises(TypeError):
            words.unit(text)
        return
    word = words.unit(text)
    assert "\n" not in word
    if word[0] == '"':
        assert re.fullmatch(r'"(?:[^"\\]|\\["\\])*"', word)
        word = re.sub(r"\\(.)", r"\1", word[1:-1])
    else:
        assert not re.search(r"[\s\"'\\;#]", word)
    assert word.replace("%%", "%").replace("$$", "$") == text


def test_units_as_systemd_reads_them(tmp_path: Path) -> None:
    """systemd-analyze says which program it looked for: the word, after everything that it makes of a unit."""
    systemd = need("systemd-analyze")
    for at, name in enumerate(
        ("a b", 'q"uo"te', "per%cent %i", "back\\slash\\n", "semi;colon", "#hash", "ö", "apo'strophe")
    ):
        path = f"/nonexistent/{name}"
        unit = tmp_path / f"hostile{at}.service"
        unit.write_text(f"[Service]\nExecStart={words.unit(path)} {words.unit('$HOME')}\n", encoding="utf-8")
        done = subprocess.run(
            [systemd, "verify", unit],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        shown = (f"Command {path} is not executable", f"Executable name contains special characters: {path}\n")
        assert any(one in done.stderr for one in shown), done.stderr


@pytest.mark.parametrize("value", [None, 1.5, object(), b"a"])
def test_what_is_no_word_is_refused(value: object) -> None:
    for quote in (words.toml, words.yaml, words.unit, words.prose):
        with pytest.raises(TypeError):
            quote(value)


def test_nothing_in_a_template_is_glued_to_a_value() -> None:
    """Outside of comments and texts for people, one ``{{ }}`` is one whole word."""
    for path in FOLDER.glob("*.j2"):
        if path.name.startswith("README.md"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.lstrip().startswith(("#", "{%")):
                outside = re.sub(r"^\[upstream\.\{\{ group\.key \}\}\]$|^  \{\{ group\.name \}\}:$", "", line)
                outside = re.sub(r"^( *)      \{\{ group\.name \}\}:$", "", outside)
                assert not re.search(r"[^\s\[=]\{\{|\}\}[^\s\]]", outside), f"{path.name}, line {number}: {line}"
