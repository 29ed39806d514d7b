"""What nginxgen itself renders is nothing that its rules would find fault with, unless the cluster asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nginxgen import Rendered
from nginxgen.conf.target import ANY
from nginxgen.foreign import parse_text, read_configuration
from nginxgen.lint.engine import lint
from nginxgen.lint.rule import Subject
from nginxgen.report import to_text
from support.case import read_case
from support.golden import outcomes

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*/nginx.conf"))
RENDERINGS = [
    path
    for path in sorted((ROOT / "tests" / "golden" / "render").glob("*.case"))
    if 'defaults = "nginx"' not in path.read_text(encoding="utf-8")
]
"""Those with the defaults that nginxgen recommends."""
ASKED_FOR = {
    "json": {"NG302"},
    "overlay": {"NG302"},
    "proxy_retries": {"NG126", "NG127"},
    "resolver": {"NG208"},
    "tls_old": {"NG209", "NG210"},
    "tls_settings": {"NG240"},
}
"""Cases whose cluster says something doubtful, and the rules that are to say so."""


def test_there_is_something_to_look_at() -> None:
    assert len(EXAMPLES) > 3
    assert len(RENDERINGS) > 50
    assert ASKED_FOR.keys() <= {path.stem for path in RENDERINGS}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_are_without_fault(path: Path) -> None:
    found = lint(Subject(read_configuration([str(path)]), ANY))
    assert to_text([one for one in found if one.severity != "note"]) == ""


@pytest.mark.parametrize("path", RENDERINGS, ids=lambda path: path.stem)
def test_renderings_are_without_fault(path: Path) -> None:
    texts = [outcome for _, outcome in outcomes(path) if isinstance(outcome, Rendered)]
    assert texts or read_case(path).wanted
    found = [one for text in texts for one in lint(Subject(parse_text(text.text), text.target))]
    doubtful = [one for one in found if one.severity != "note"]
    allowed = ASKED_FOR.get(path.stem, set())
    assert to_text([one for one in doubtful if one.code not in allowed]) == ""
    assert allowed <= {one.code for one in doubtful}, "what is allowed is also found"
