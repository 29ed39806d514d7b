"""Comments that take findings out, in nginx.conf and in cluster.toml, and what is told of those that do nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from nginxgen.conf.target import ANY
from nginxgen.foreign import parse_text
from nginxgen.lint.engine import lint, lint_rendered
from nginxgen.lint.rule import Subject
from nginxgen.lint.rules import RULES
from nginxgen.loading import read_files
from nginxgen.proven import render

ONLY = (RULES["NG201"],)
BARE = "server {\n    location /i {\n        alias /data/i/;\n    }\n}\n"


def _codes(text: str) -> list[str]:
    return [one.code for one in lint(Subject(parse_text(text), ANY), ONLY)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (BARE, ["NG201"]),
        (BARE.replace("/i {", "/i { # nginxgen:ignore NG201 public anyway"), []),
        (BARE.replace("    location", "    # nginxgen:ignore NG201 public anyway\n    location"), []),
        (f"# nginxgen:ignore NG201, NG101: public anyway\n{BARE}", []),
        (f"# nginxgen: ignore NG201 public anyway\n{BARE}", []),
        (BARE.replace("/i {", "/i { # nginxgen:ignore NG201"), ["NG201", "NG062"]),
        (BARE.replace("/i {", "/i { # nginxgen:ignore because it is public"), ["NG201", "NG062"]),
        (BARE.replace("/i {", "/i { # nginxgen:ignore NG101 not this one"), ["NG201"]),  # which nobody looked for
        (f"{BARE}# nginxgen:ignore NG201 nothing behind it\n", ["NG201", "NG063"]),
        (BARE.replace("/data/i/;", "/data/i/; # nginxgen:ignore NG201 another line"), ["NG201", "NG063"]),
    ],
)
def test_in_a_configuration(text: str, codes: list[str]) -> None:
    assert _codes(text) == codes


def test_a_rule_that_there_is_not_is_told() -> None:
    text = BARE.replace("/i {", "/i { # nginxgen:ignore NG299 no such rule")
    (told,) = [one for one in lint(Subject(parse_text(text), ANY), ONLY) if one.code == "NG063"]
    assert told.message == "there is no rule NG299"


def test_each_code_of_a_comment_counts_by_itself() -> None:
    text = BARE.replace("/i {", "/i { # nginxgen:ignore NG201, NG101 it is public")
    assert lint(Subject(parse_text(text), ANY), ONLY) == []
    (told,) = [one for one in lint(Subject(parse_text(text), ANY)) if one.code == "NG063"]
    assert (told.message, told.help) == ("NG101 is not found here any more", "take the code out")


CLUSTER = """\
defaults = "nginx"

[[server]]
listen = [8080]

[[server.location]]
path = "/"
proxy_pass = "http://127.0.0.1:81"
proxy_set_header = { Host = "$host" }

[[server.location.location]]
path = "/a"
proxy_pass = "http://127.0.0.1:81"
proxy_set_header = { X-A = "1" }
"""


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("", "", ["NG101"]),
        ("[[server.location.location]]", "# nginxgen:ignore NG101 on purpose\n[[server.location.location]]", []),
        ('{ X-A = "1" }', '{ X-A = "1" } # nginxgen:ignore NG101 on purpose', []),
        ("proxy_set_header = { X", "# nginxgen:ignore NG101 on purpose\nproxy_set_header = { X", []),
        ("[[server.location]]", "# nginxgen:ignore NG101 another table\n[[server.location]]", ["NG101", "NG063"]),
    ],
)
def test_in_a_cluster(old: str, new: str, codes: list[str], tmp_path: Path) -> None:
    file = tmp_path / "cluster.toml"
    file.write_text(CLUSTER.replace(old, new) if old else CLUSTER)
    found = lint_rendered(render(read_files([str(file)])), (RULES["NG101"],))
    assert [one.code for one in found if one.code.startswith(("NG1", "NG06"))] == codes
