"""Each rule fires on its own bad text and is silent on its good one, and nginx takes both unless the rule says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nginxgen.conf.target import ANY, Target
from nginxgen.conf.version import NEWEST
from nginxgen.diagnostic import Spot
from nginxgen.foreign import parse_text
from nginxgen.lint.rule import Rule, Subject
from nginxgen.lint.rules import RULES, correctness, performance, security, style, values, version
from nginxgen.proof.binary import NginxBinary
from nginxgen.report import to_text
from support.foreign import ask, ask_as_it_stands

FAMILIES = {
    correctness: range(101, 150),
    values: range(150, 200),
    security: range(200, 300),
    performance: range(300, 400),
    version: range(400, 500),
    style: range(500, 600),
}
GOLDEN = Path(__file__).parents[1] / "golden" / "lint"
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: f"{rule.code}-{rule.name}")


def _target(rule: Rule) -> Target:
    return ANY if rule.holds(ANY) else Target(NEWEST, NEWEST, "newest")


def _found(rule: Rule, text: str) -> list[str]:
    found = list(rule.look(Subject(parse_text(text), _target(rule))))
    for one in found:
        assert isinstance(one.where, Spot)
        assert one.where.span.end > one.where.span.start, "a finding has a place"
        assert not one.message.endswith("."), one.message
        assert one.help
    return [one.message for one in found]


@every_rule
def test_fires_on_what_is_bad(rule: Rule) -> None:
    assert _found(rule, rule.bad)


@every_rule
def test_its_message_as_people_read_it(rule: Rule, request: pytest.FixtureRequest) -> None:
    """Word for word, as tests/golden/lint has it; ``--golden-update`` writes it there."""
    file = GOLDEN / f"{rule.code.lower()}.txt"
    said = to_text(rule.look(Subject(parse_text(rule.bad), _target(rule))))
    if request.config.getoption("--golden-update"):
        file.write_text(said, encoding="utf-8")
    assert said == file.read_text(encoding="utf-8")


@every_rule
def test_is_silent_on_what_is_good(rule: Rule) -> None:
    assert _found(rule, rule.good) == []


@every_rule
def test_its_examples_are_configurations(rule: Rule) -> None:
    assert parse_text(rule.bad).problems == []
    assert parse_text(rule.good).problems == []
    assert rule.bad != rule.good


@every_rule
def test_says_what_it_is(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert rule.title[0].islower() or not rule.title[0].isalpha() or rule.title.split()[0] in ("TLS", "HTTP")
    assert not rule.title.endswith(".")
    assert rule.why.endswith((".", ".)"))
    assert rule.mend.endswith(".")
    family = next(one for one in FAMILIES if rule in one.RULES)
    assert int(rule.code[2:]) in FAMILIES[family]


def test_no_message_is_kept_of_a_rule_that_is_gone() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {code.lower() for code in RULES}


def test_no_code_and_no_name_is_there_twice() -> None:
    every = [rule for family in FAMILIES for rule in family.RULES]
    assert len({rule.code for rule in every}) == len({rule.name for rule in every}) == len(every)
    assert list(RULES) == sorted(RULES)


def test_a_rule_is_a_module_of_its_name() -> None:
    for family in FAMILIES:
        folder = Path(str(family.__file__)).parent
        modules = {path.stem for path in folder.glob("ng*.py")}
        assert modules == {f"{rule.code.lower()}_{rule.name.replace('-', '_')}" for rule in family.RULES}


@every_rule
def test_nginx_takes_both(rule: Rule, nginx: NginxBinary, tmp_path: Path) -> None:
    """A real nginx reads the examples without an error; the bad one not, when the rule says so of that very nginx."""
    versions = nginx.target
    if not rule.holds(versions):
        pytest.skip(f"{rule.code} does not hold for {versions.name}")
    for name, text in (("bad", rule.bad), ("good", rule.good)):
        outcome = ask(text, nginx, tmp_path / name)
        if name == "bad" and rule.is_refused and any(rule.look(Subject(parse_text(text), versions))):
            outcome = outcome or ask_as_it_stands(text, nginx, tmp_path / "plain")
            assert outcome, f"{versions.name} takes what {rule.code} says that it refuses"
        else:
            assert not [line for line in outcome if "[emerg]" in line], outcome
