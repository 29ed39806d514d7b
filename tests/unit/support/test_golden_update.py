"""``--golden-update`` writes what comes out into a case, and leaves the case alone when it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.case import read_case
from support.golden import NotRewritten, outcomes, rewrite

CASE = """\
A server on one port.
=== cluster.toml
defaults = "nginx"

[[server]]
listen = [8080]
=== nginx.conf @ http/server
something else
"""
RIGHT = """\
server {
    listen 8080;
}
"""


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case whose expectation is wrong, outside CI."""
    monkeypatch.delenv("CI", raising=False)
    path = tmp_path / "listen.case"
    path.write_text(CASE)
    outcomes.cache_clear()
    return path


@pytest.mark.nginx
def test_writes_what_comes_out(case: Path) -> None:
    rewrite(case)
    assert case.read_text() == CASE.replace("something else\n", RIGHT)


def test_refuses_where_ci_runs(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(NotRewritten, match="CI"):
        rewrite(case)
    assert case.read_text() == CASE


@pytest.mark.nginx
def test_refuses_errors_that_nobody_expects(case: Path) -> None:
    wrong = CASE.replace("8080", "80800")
    case.write_text(wrong)
    with pytest.raises(NotRewritten, match=r"has no section 'errors'(.|\n)*80800"):
        rewrite(case)
    assert case.read_text() == wrong


@pytest.mark.nginx
def test_refuses_a_text_where_errors_are_expected(case: Path) -> None:
    wrong = CASE.replace("=== nginx.conf @ http/server", "=== errors")
    case.write_text(wrong)
    with pytest.raises(NotRewritten, match="has no section 'no errors'"):
        rewrite(case)
    assert case.read_text() == wrong


@pytest.mark.nginx
def test_refuses_what_nginx_refuses(case: Path) -> None:
    wrong = CASE.replace("[8080]", "[{ address = 8080, setfib = 1 }]")
    case.write_text(wrong)
    with pytest.raises(NotRewritten, match=r"has no section 'nginx [0-9.]+'(.|\n)*setfib"):
        rewrite(case)
    assert case.read_text() == wrong


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("=== cluster.toml\n[[server]]\n=== nginx.conf\n", "does not begin with a sentence"),
        ("Nothing goes in.\n=== nginx.conf\n", "has no file that goes in"),
        ("Two of a kind.\n=== a.toml\n=== notes\n=== notes\n", "has the section 'notes'"),
        ("A slip.\n=== a.toml\n=== note\n", "has the section 'note'"),
        ("The wrong order.\n=== notes\n=== a.toml\n", "has no file|stand before"),
    ],
)
def test_refuses_what_is_no_case(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "wrong.case"
    path.write_text(text)
    with pytest.raises(ValueError, match=reason):
        read_case(path)
