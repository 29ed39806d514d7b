"""The golden cases: for each, the text that is expected, four proofs of it, and what two real nginx say of it.

``pytest --golden-update`` writes what comes out into the cases that stand there with other expectations; never when a
proof fails, and never where CI runs. A changed case is read like changed code.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from nginxgen import Rendered
from nginxgen.model.block import Block, registered_blocks
from nginxgen.proof.binary import NginxBinary
from nginxgen.report.codes import CODES
from support.case import Section, Wanted, read_case
from support.golden import (
    NotRewritten,
    check_explicit,
    check_read_back,
    check_same_bytes,
    cluster_of,
    found,
    outcomes,
    rewrite,
    said_by,
    title_of,
)

FOLDER = Path(__file__).parent / "golden"
RENDER = sorted(FOLDER.glob("render/*.case"))
ERRORS = sorted(FOLDER.glob("errors/*.case"))
NOT_IN_A_FILE = {"NG043", "NG044", "NG045", "NG050", *(f"NG06{one}" for one in (1, 2, 3, 4)), "NG100"}
NOT_IN_A_FILE |= {f"NG07{one}" for one in range(6)}
"""Codes that no cluster file alone brings about: what `apply` and `up` find as they run, a bug, other texts, tests."""


def _is_rendered(path: Path) -> bool:
    return not all(wanted.has("errors") for wanted in read_case(path).wanted)


EVERY = [*RENDER, *ERRORS]
every_case = pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
every_rendering = pytest.mark.parametrize("path", [*filter(_is_rendered, EVERY)], ids=lambda path: path.stem)


def _renderings(path: Path) -> Iterator[tuple[Wanted, Rendered]]:
    """What is rendered of a case; whether all is that should be, the first test shows."""
    return ((wanted, outcome) for wanted, outcome in outcomes(path) if isinstance(outcome, Rendered))


def _compare(expected: Iterable[Section], came: Iterable[Section], name: str) -> None:
    """Fail with the difference, if there is one; empty sections are none."""
    before, after = (
        "\n".join(f"=== {title}\n{body.strip(chr(10))}\n" for title, body in sections if body.strip("\n"))
        for sections in (expected, came)
    )
    if before != after:
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "expected", "found", lineterm="", n=6)
        pytest.fail(f"{name}\n" + "\n".join(lines), pytrace=False)


@every_case
def test_says_what_is_expected(path: Path, request: pytest.FixtureRequest) -> None:
    """The text, and the messages, to the letter."""
    if request.config.getoption("--golden-update"):
        try:
            rewrite(path)
        except NotRewritten as reason:
            pytest.fail(str(reason), pytrace=False)
    for wanted, outcome in outcomes(path):
        name = f"{path.name}, target {wanted.target}" if wanted.target else path.name
        expected = [one for one in wanted.sections if one not in wanted.of_nginx]
        assert expected, f"{name} expects nothing"
        assert wanted.texts or path in ERRORS, f"{name} expects no text"
        _compare(expected, found(wanted, outcome), name)


@every_rendering
def test_reads_back_as_what_was_meant(path: Path) -> None:
    """What the text says, read back, is the explicit cluster, and structure and read-back hold for its target."""
    for _, rendered in _renderings(path):
        check_read_back(rendered)


@every_rendering
def test_explicit_stays_as_it_is(path: Path) -> None:
    """What was made explicit is a cluster that expands to itself, and prints the same bytes."""
    for _, rendered in _renderings(path):
        check_explicit(rendered)


@every_rendering
def test_same_input_same_bytes(path: Path) -> None:
    """The files, read and rendered a second time, give the same bytes and the same messages."""
    for wanted, rendered in _renderings(path):
        check_same_bytes(read_case(path), wanted, rendered)


@pytest.mark.nginx
@every_rendering
def test_nginx_takes_it(path: Path, nginx: NginxBinary) -> None:
    """A real nginx accepts every rendering, without errors and warnings, or says what the case has of it."""
    for wanted, rendered in _renderings(path):
        if wanted.has("errors"):
            continue
        title = title_of(nginx)
        if wanted.of_nginx and not wanted.has(title):
            pytest.skip(f"{path.name} does not say what {title} makes of it")
        name = f"{path.name}, target {wanted.target or 'its own'}, {nginx}"
        _compare([Section(title, wanted.body(title))], [Section(title, said_by(nginx, wanted, rendered))], name)


def test_every_code_has_a_case() -> None:
    """Each message that files can bring about is shown once at least, word for word."""
    shown = "".join(path.read_text(encoding="utf-8") for path in EVERY)
    assert [code for code in CODES if f"[{code}]: " not in shown and code not in NOT_IN_A_FILE] == []


def test_every_field_has_a_case() -> None:
    """Each field of the model is said by one case at least."""
    said = {field for path in EVERY for field in _fields_said(cluster_of(read_case(path)))}
    missing = [
        f"{name}.{field}"
        for name, cls in registered_blocks().items()
        for field in cls.fields
        if field in inspect.get_annotations(cls) and (name, field) not in said
    ]
    assert missing == []


def _fields_said(value: object) -> Iterator[tuple[str, str]]:
    """The fields that a value's blocks say, under the classes that declare them."""
    if isinstance(value, Block):
        for name, inner in value.said().items():
            yield from ((cls.__name__, name) for cls in type(value).__mro__ if name in inspect.get_annotations(cls))
            yield from _fields_said(inner)
    elif isinstance(value, tuple | Mapping):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _fields_said(inner)
