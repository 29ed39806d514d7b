"""The shipped examples: each renders to its golden nginx.conf, and both nginx binaries accept it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import crossplane
import pytest

from nginxgen import load, render
from nginxgen.api import check
from nginxgen.proof.binary import NginxBinary
from nginxgen.rehearsal.rehearse import rehearse

EXAMPLES = Path(__file__).parents[1] / "examples"
FILES = sorted(set(EXAMPLES.glob("*/*.toml")) - set(EXAMPLES.glob("*/tests.toml")))
WITHOUT_TESTS = frozenset({"hello", "tutorial"})
"""The first two are about other things; for gRPC there are no stand-ins."""
ORDERED = frozenset({"server", "location", "allow", "deny", "rewrite", "set", "if", "listen"})
"""Names whose order among themselves nginx cares about; the rest may stand in any."""


def golden_of(source: Path) -> Path:
    """The text that an example's file renders to: nginx.conf for cluster.toml, NAME.conf for the others."""
    return source.with_name("nginx.conf" if source.stem == "cluster" else f"{source.stem}.conf")


@pytest.mark.parametrize("source", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_example_renders_to_its_golden_text(source: Path, request: pytest.FixtureRequest) -> None:
    text = render(load(source)).text
    golden = golden_of(source)
    if request.config.getoption("--golden-update", default=False) and "CI" not in os.environ:
        golden.write_text(text, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("source", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_both_binaries_accept_the_example(source: Path, nginx: NginxBinary) -> None:
    rendered = render(load(source))
    verdict = check(rendered, nginx.path)
    assert verdict.accepted
    assert [one for one in (*rendered.diagnostics, *verdict.diagnostics) if one.severity != "note"] == []


@pytest.mark.parametrize("source", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_tests_of_examples_pass(source: Path, nginx: NginxBinary) -> None:
    loaded = load(source, *source.parent.glob("tests.toml"))
    if not loaded.cluster.test:
        assert source.parent.name in WITHOUT_TESTS
        return
    rendered = render(loaded)
    rehearsal = rehearse(loaded.cluster.test, rendered, check(rendered, nginx.path))
    assert rehearsal.results
    assert [one.message for result in rehearsal.failed for one in result.failures] == []


def test_every_example_explains_itself() -> None:
    for folder in EXAMPLES.iterdir():
        assert (folder / "cluster.toml").is_file(), folder
        assert (folder / "README.md").is_file(), folder
        readme = (folder / "README.md").read_text(encoding="utf-8")
        for source in folder.glob("*.toml"):
            assert source.name in readme, f"{folder.name}/README.md does not mention {source.name}"


def test_as_written_equals_the_tutorials_file(shared: Path) -> None:
    """Directive for directive; media types may stand in the file, where the tutorial includes them."""
    theirs = shape(parse(shared / "seed" / "nginx.conf"))
    ours = shape(parse(EXAMPLES / "tutorial" / "as-written.conf"))
    assert ours == theirs
    assert len(re.findall(r"'(?:proxy_set_header|server|location|listen)'", str(ours))) > 10


def parse(path: Path) -> list[dict[str, Any]]:
    payload = crossplane.parse(str(path), single=True)
    assert payload["status"] == "ok", payload["errors"]
    tree: list[dict[str, Any]] = payload["config"][0]["parsed"]
    return tree


def shape(tree: list[dict[str, Any]]) -> list[Any]:
    """A tree without lines, in an order that does not depend on what nginx does not care about."""
    kept = [
        one
        for one in tree
        if one["directive"] != "types" and (one["directive"], one["args"]) != ("include", ["mime.types"])
    ]
    made = [(one["directive"], one["args"], shape(one["block"]) if "block" in one else None) for one in kept]
    return sorted(made, key=lambda one: (one[0], [] if one[0] in ORDERED else one[1]))
