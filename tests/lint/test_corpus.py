"""Lint over real configurations, where they are at hand: no rule crashes, and none refuses what nginx takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nginxgen.conf.target import Target
from nginxgen.diagnostic import Severity
from nginxgen.foreign import read_configuration
from nginxgen.lint.engine import lint
from nginxgen.lint.rule import Subject
from nginxgen.lint.rules import RULES

REFUSING = {code for code, rule in RULES.items() if rule.is_refused}
JUDGED = {
    ("NG154", "0107_certbot_certbot_nginx.conf"): "a line without its semicolon, which nginx reads as other words",
    ("NG154", "0173_certbot_certbot_www.example.com.vhost"): "another one",
    ("NG122", "1775_nginx_nginx-tests_stream_error_log.t-0.conf"): "a group that is meant to have no server up",
    ("NG122", "1851_nginx_nginx-tests_stream_upstream_zone.t-0.conf"): "another one",
    ("NG122", "1888_nginx_nginx-tests_upstream_sticky_resolve.t-0.conf"): "another one",
}
"""What is found in files that nginx takes, and is true of them."""


@pytest.mark.parametrize("version", ["1.31.3", "1.22.1"])
def test_nothing_is_refused_that_nginx_takes(version: str, shared: Path) -> None:
    rows = json.loads((shared / "corpus" / "manifest.json").read_text())
    target = Target.parse(version)
    taken = 0
    found = {}
    for row in rows:
        file = shared / "corpus" / row["file"]
        every = lint(Subject(read_configuration([str(file)]), target))
        if row[f"nginx-{version}"]["status"].startswith("accepted") and not row.get("placeholders"):
            taken += 1
            found |= {
                (one.code, file.name): one.message
                for one in every
                if one.code in REFUSING and one.severity is Severity.ERROR
            }
    assert taken > 500
    assert {place: message for place, message in found.items() if place not in JUDGED} == {}
