"""The golden cases of differences: two texts, what is said of them, and the same the other way round.

A case is a sentence, a text ``before`` and one ``after``, perhaps the ``target`` that they are for, and ``says``:
every line that people read, nothing when both mean the same.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nginxgen import Target
from nginxgen.change.differences import Side, find_changes
from nginxgen.change.parts import levels_of, parts_of
from nginxgen.change.shown import to_text
from nginxgen.foreign import parse_text
from support.case import split

CASES = sorted((Path(__file__).parents[1] / "golden" / "diff").glob("*.case"))
OPPOSITE = {"added": "removed", "removed": "added", "changed": "changed"}


def side(text: str, target: str, name: str = "nginx.conf") -> Side:
    """A text as one side of a comparison."""
    read = parse_text(text, name)
    assert not read.problems
    return Side(parts_of(levels_of(read)), Target.parse(target))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    why, sections = split(path.read_text(encoding="utf-8"))
    assert why.rstrip().endswith(".")
    bodies = {one.title.split(" ")[0]: one for one in sections}
    target = bodies["target"].title.split(" ")[1] if "target" in bodies else "1.22"
    before, after = (side(bodies[one].body, target, one) for one in ("before", "after"))
    found = find_changes(before, after)
    said = to_text(found, places=True)
    if request.config.getoption("--golden-update") and "CI" not in os.environ:
        text = path.read_text(encoding="utf-8")
        path.write_text(text[: text.index("=== says\n")] + f"=== says\n{said}", encoding="utf-8")
    else:
        assert said == bodies["says"].body
    back = [str(one.action) for one in find_changes(after, before)]
    assert sorted(OPPOSITE[one.action] for one in found) == sorted(back)
    assert find_changes(before, before) == find_changes(after, after) == []
