"""``nginxgen test`` and the tests that ``check`` runs: what is printed, where, and the exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nginxgen.proof.binary import NginxBinary
from support.command import nginxgen

SITE = """\
[upstream.cart]
servers = ["10.0.0.1:8080"]

[[server]]
listen = [80]
server_name = ["shop.example.org"]

[[server.location]]
path = "/cart/"
upstream = "cart"
"""
RIGHT = """
[[test]]
name = "carts are in cart"
request = "http://shop.example.org/cart/1"
status = 200
upstream = "cart"
"""
WRONG = """
[[test]]
name = "nobody else is <there>"
request = "http://shop.example.org/"
status = 200
response_body = "~ Welcome"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a site, and with tests in files of their own."""
    (tmp_path / "cluster.toml").write_text(SITE, encoding="utf-8")
    (tmp_path / "right.toml").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "wrong.toml").write_text(WRONG, encoding="utf-8")
    return tmp_path


def test_all_pass(site: Path, nginx: NginxBinary) -> None:
    done = nginxgen("test", "cluster.toml", "right.toml", "--nginx", nginx.path, cwd=site)
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(r"1 passed in \d+\.\d s \(nginx [\d.]+ \(.*\), (in a network of its own|on .*)\)\n", done.out)


def test_a_failure_is_shown_where_it_was_expected_otherwise(site: Path, nginx: NginxBinary) -> None:
    done = nginxgen("test", "cluster.toml", "wrong.toml", "right.toml", "--nginx", nginx.path, cwd=site)
    assert done.code == 1
    assert done.out.startswith("1 passed, 1 failed in ")
    assert done.err.startswith(
        "error[NG070]: nobody else is <there>: status: expected 200, got 404\n"
        " --> wrong.toml:5:10\n"
        "  |\n"
        "5 | status = 200\n"
        "  |          ^^^\n"
        "  = help: the client got 404, and no backend was asked\n"
    )
    assert " --> wrong.toml:6:17\n" in done.err
    assert done.err.endswith("2 errors\n")


def test_tests_of_several_files_add_up(site: Path, nginx: NginxBinary) -> None:
    (site / "cluster.toml").write_text(SITE + RIGHT.replace("carts", "old carts"), encoding="utf-8")
    words = ("test", "cluster.toml", "right.toml", "wrong.toml", "--nginx", nginx.path, "--format", "json")
    done = nginxgen(*words, cwd=site)
    told = json.loads(done.out)
    assert [(one["name"], one["file"], one["line"], one["outcome"]) for one in told["tests"]] == [
        ("old carts are in cart", "cluster.toml", 14, "passed"),
        ("carts are in cart", "right.toml", 4, "passed"),
        ("nobody else is <there>", "wrong.toml", 4, "failed"),
    ]
    assert (told["passed"], told["failed"], told["skipped"]) == (2, 1, 0)
    assert [(one["code"], one["file"], one["line"]) for one in done.messages] == [
        ("NG070", "wrong.toml", 5),
        ("NG070", "wrong.toml", 6),
    ]


def test_junit(site: Path, nginx: NginxBinary) -> None:
    words = ("test", "cluster.toml", "right.toml", "wrong.toml", "--nginx", nginx.path, "--format", "junit")
    done = nginxgen(*words, cwd=site)
    assert done.code == 1
    root = ElementTree.fromstring(done.out)
    (suite,) = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    counts = {name: suite.attrib[name] for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "2", "failures": "1", "errors": "0", "skipped": "0"}
    right, wrong = suite
    assert (right.attrib["name"], right.attrib["file"], right.attrib["line"]) == (
        "carts are in cart",
        "right.toml",
        "4",
    )
    assert list(right) == []
    assert wrong.attrib["name"] == "nobody else is <there>"
    (failure,) = wrong
    assert failure.attrib["message"] == "error[NG070]: nobody else is <there>: status: expected 200, got 404"
    assert "wrong.toml:6:17" in str(failure.text)


def test_only_some(site: Path, nginx: NginxBinary) -> None:
    words = ("test", "cluster.toml", "right.toml", "wrong.toml", "--nginx", nginx.path)
    assert nginxgen(*words, "-k", "carts", cwd=site).out.startswith("1 passed in ")
    assert nginxgen(*words, "-k", "/cart/2", cwd=site).code == 2


def test_no_tests_and_no_nginx(site: Path) -> None:
    without = nginxgen("test", "cluster.toml", cwd=site)
    assert without.code == 1
    assert without.err.startswith("error[NG075]: there are no tests in cluster.toml\n")
    nowhere = nginxgen("test", "cluster.toml", "right.toml", "--nginx", "/nowhere/nginx", cwd=site)
    assert (nowhere.code, nowhere.out) == (4, "")
    assert "/nowhere/nginx does not exist" in nowhere.err


def test_a_wrong_cluster_is_told_and_nothing_is_run(site: Path) -> None:
    done = nginxgen("test", "cluster.toml", "right.toml", "-", stdin='[[test]]\nrequest = "http://a/"\n', cwd=site)
    assert (done.code, done.out) == (1, "")
    assert " --> standard input:1:1\n" in done.err


def test_check_runs_them_too(site: Path, nginx: NginxBinary) -> None:
    fine = nginxgen("check", "cluster.toml", "right.toml", "--nginx", nginx.path, cwd=site)
    assert fine.code == 0
    assert fine.out.endswith("; tests: 1 passed\n")
    words = ("check", "cluster.toml", "right.toml", "wrong.toml", "--nginx", nginx.path)
    wrong = nginxgen(*words, cwd=site)
    assert wrong.code == 1
    assert wrong.out == "cluster.toml, right.toml, wrong.toml: not fine; tests: 1 passed, 1 failed\n"
    told = nginxgen(*words, "--format", "json", cwd=site)
    assert json.loads(told.out)["tests"] == {"passed": 1, "failed": 1, "skipped": 0}
    assert [one["code"] for one in told.messages] == ["NG070", "NG070"]
