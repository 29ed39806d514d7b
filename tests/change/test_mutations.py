"""Nothing is overlooked: a text is equal to itself, and any one directive that goes or changes is told.

Each directive is taken once for each block it stands in, over all golden cases; with the corpus beside the checkout,
over its files too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from nginxgen import Rendered, Target
from nginxgen.change.differences import Side, find_changes, side_of
from nginxgen.change.families import Line
from nginxgen.change.parts import levels_of, parts_of
from nginxgen.change.shown import to_json, to_markdown, to_text
from nginxgen.change.values import canonical
from nginxgen.change.wire import find_wire_changes
from nginxgen.conf.defaults import defaults_of
from nginxgen.conf.facts import FREE_FORM
from nginxgen.conf.grammar import inner_context
from nginxgen.conf.tree import Statement, Tree
from nginxgen.foreign import read_configuration
from support.golden import outcomes

CASES = sorted((Path(__file__).parents[1] / "golden" / "render").glob("*.case"))
Seen = set[tuple[str, str, str]]


def mutations(tree: Tree, context: str, seen: Seen) -> Iterator[tuple[str, Statement, str, Tree]]:
    """The tree without each directive, and with another last word of it; what was tried before is left out."""
    for at, one in enumerate(tree):
        for what in ("gone", "changed"):
            if (what, one.name, context) in seen or (what == "changed" and (not one.args or one.block is not None)):
                continue
            seen.add((what, one.name, context))
            other = () if what == "gone" else (one._replace(args=(*one.args[:-1], f"{one.args[-1]}x")),)
            yield what, one, context, (*tree[:at], *other, *tree[at + 1 :])
        inner = inner_context(one.name, context) if one.name not in FREE_FORM else one.name
        for what, which, where, block in mutations(one.block or (), inner, seen):
            yield what, which, where, (*tree[:at], one._replace(block=block), *tree[at + 1 :])


def is_said_anyway(one: Statement | Line, context: str, target: Target) -> bool:
    """Whether a directive says no more than what nginx does without it."""
    if (one.name, one.args) in (("listen", ("80",)), ("default", ("",))):
        return True
    words = canonical(one.name, one.args, context)
    texts = defaults_of(one.name, context, target)
    return any(text is not None and canonical(one.name, text.split(), context) == words for text in texts)


def test_golden_cases_are_equal_to_themselves_and_to_nothing_else() -> None:
    seen: Seen = {("changed", "http2", "server"), ("changed", "http2", "http")}  # "offx" is as little as off
    overlooked = []
    for path in CASES:
        for _, outcome in outcomes(path):
            if not isinstance(outcome, Rendered):
                continue
            before = side_of(outcome.tree, outcome.target, path.name)
            assert find_changes(before, side_of(outcome.tree, outcome.target, path.name)) == [], path.name
            for what, one, context, tree in mutations(outcome.tree, "main", seen):
                found = find_changes(before, side_of(tree, outcome.target, path.name))
                if not found and not (what == "gone" and is_said_anyway(one, context, outcome.target)):
                    overlooked.append(f"{path.name}: {what} {one} in {context}")
    assert overlooked == []
    assert len(seen) > 500


def accepted(shared: Path) -> Iterator[Path]:
    """The files of the corpus that one of the binaries accepts, as they are."""
    for row in json.loads((shared / "corpus" / "manifest.json").read_text()):
        told = [row.get(f"nginx-{version}", {}).get("status", "") for version in ("1.22.1", "1.31.3")]
        if any("accepted" in one for one in told) and not row.get("placeholders"):
            yield shared / "corpus" / row["file"]


def test_files_of_the_corpus_are_equal_to_themselves(shared: Path) -> None:
    count = 0
    for path in accepted(shared):
        read = read_configuration([str(path)])
        assert read.problems == []
        sides = [Side(parts_of(levels_of(read)), Target.parse(version)) for version in ("1.22", "1.22", "1.31")]
        assert find_changes(*sides[:2]) == [], path
        wire = find_wire_changes(sides[0], sides[2])
        for found in (wire, find_changes(sides[0], Side(parts_of([]), sides[0].target))):
            to_text(found)
            to_markdown(found)
            to_json(found)
        count += 1
    assert count > 500


def thinned(lines: tuple[Line, ...], context: str, seen: Seen) -> Iterator[tuple[Line, str, tuple[Line, ...]]]:
    """Lines without each one of them whose name was not left out before, however deep."""
    for at, one in enumerate(lines):
        if ("gone", one.name, context) not in seen:
            seen.add(("gone", one.name, context))
            yield one, context, (*lines[:at], *lines[at + 1 :])
        inner = inner_context(one.name, context) if one.name not in FREE_FORM else one.name
        for which, where, block in thinned(one.block or (), inner, seen):
            yield which, where, (*lines[:at], one._replace(block=block), *lines[at + 1 :])


def test_what_goes_from_files_of_the_corpus_is_told(shared: Path) -> None:
    seen: Seen = set()
    target = Target.parse("1.22")
    overlooked = []
    for path in accepted(shared):
        read = levels_of(read_configuration([str(path)]))
        before = Side(parts_of(read), target)
        for number, (outermost, lines) in enumerate(read):
            for one, context, rest in thinned(tuple(lines), outermost, seen):
                after = Side(parts_of([*read[:number], (outermost, rest), *read[number + 1 :]]), target)
                if not find_changes(before, after) and not is_said_anyway(one, context, target):
                    overlooked.append(f"{path.name}: {one.name} {' '.join(one.args)} in {context}")
    assert overlooked == []
    assert len(seen) > 500
