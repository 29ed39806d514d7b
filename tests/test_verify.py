"""``verify``: a text of anybody's is proven to say a cluster, or refused; no change of it goes through unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from nginxgen import Cluster, NotProven, Rendered, Server, Target, Tls, load, render, verify
from support.whole import TOML, in_code

CLUSTER = in_code()


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    return render(CLUSTER, "1.22")


def test_verify_takes_our_text(rendered: Rendered, tmp_path: Path) -> None:
    verify(rendered.text, CLUSTER, "1.22")
    (tmp_path / "cluster.toml").write_text(TOML)
    verify(rendered.text, load(tmp_path / "cluster.toml"), Target.parse("1.22"))


def test_verify_takes_another_layout_of_it(rendered: Rendered) -> None:
    flat = "\n".join(line.strip() for line in rendered.text.splitlines() if line.strip()) + "\n"
    verify(flat, CLUSTER, "1.22")
    verify(flat.replace(";\n", ";   # a comment\n\n\n"), CLUSTER, "1.22")
    verify(flat.replace("gzip on;", '"gzip"\t"on" ;'), CLUSTER, "1.22")


def statements(text: str) -> list[int]:
    """The numbers of the lines that say something."""
    return [at for at, line in enumerate(text.splitlines()) if line.strip() and not line.lstrip().startswith("#")]


def refused(lines: list[str]) -> bool:
    try:
        verify("\n".join(lines) + "\n", CLUSTER, "1.22")
    except NotProven:
        return True
    return False


def test_verify_refuses_a_text_without_one_of_its_lines(rendered: Rendered) -> None:
    lines = rendered.text.splitlines()
    kept = [lines[at] for at in statements(rendered.text) if not refused([*lines[:at], *lines[at + 1 :]])]
    assert kept == []


def test_verify_refuses_a_text_in_which_one_word_is_another(rendered: Rendered) -> None:
    lines = rendered.text.splitlines()
    passed = []
    for at in statements(rendered.text):
        line = lines[at]
        for old, new in ((";", "x;"), (";", " x;"), (";", ""), (" {", "x {"), ("on;", "off;"), ("1", "2"), ("$", "$x")):
            if old in line and not refused([*lines[:at], line.replace(old, new, 1), *lines[at + 1 :]]):
                passed.append((line, old, new))
    assert passed == []


@pytest.mark.parametrize(
    "added",
    ["gzip off;", "add_header X-A b;", "nosuch on;", "location /x { }", "}"],
)
def test_verify_refuses_a_text_with_one_line_more(rendered: Rendered, added: str) -> None:
    lines = rendered.text.splitlines()
    passed = [lines[at] for at in statements(rendered.text) if not refused([*lines[: at + 1], added, *lines[at + 1 :]])]
    assert passed == []


def test_verify_refuses_what_stands_in_another_order(rendered: Rendered) -> None:
    first, second = "server 10.0.0.1:80 max_fails=0;", "server 10.0.0.2:80 weight=3 max_fails=0;"
    assert first in rendered.text
    assert second in rendered.text
    swapped = rendered.text.replace(first, "@").replace(second, first).replace("@", second)
    assert refused(swapped.splitlines())


def test_what_is_not_proven_says_where_and_what(rendered: Rendered) -> None:
    with pytest.raises(NotProven, match=r"keepalive.*16.*17") as problem:
        verify(rendered.text.replace("keepalive 16;", "keepalive 17;"), CLUSTER, "1.22")
    assert problem.value.exit_code == 1
    number = 1 + rendered.text[: rendered.text.index("gzip on;")].count("\n")
    with pytest.raises(NotProven, match=f"line {number}: nginx has no directive gzap") as problem:
        verify(rendered.text.replace("gzip on;", "gzap on;"), CLUSTER, "1.22")
    assert problem.value.line == number


def test_verify_holds_a_text_to_the_target() -> None:
    tls = {"a": Tls(certificate="/a", certificate_key="/b")}
    cluster = Cluster(server=[Server(listen=443, tls="a", http2=True)], tls=tls)
    new = render(cluster, "1.31").text
    assert "http2 on;" in new
    verify(new, cluster, "1.31")
    with pytest.raises(NotProven):
        verify(new, cluster, "1.22")
