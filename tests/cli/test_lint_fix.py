"""``nginxgen lint --fix`` and ``--diff``: what is mended, where, and what is left alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nginxgen.conf.target import Target
from nginxgen.diagnostic import Edit, Severity
from nginxgen.lint.mending import mend
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.rules import RULES
from nginxgen.proof.binary import NginxBinary
from support.command import Done, nginxgen
from support.foreign import ask, ask_as_it_stands

TODAY = "1.31.3"
WHOLE = """\
events {
}

http {
    server {
        # the old way, with a comment that stays
        listen 8443 ssl http2 default;  # here too
        ssl_certificate shop.pem;
        ssl_certificate_key shop.key;
        http2_max_requests 5000;
        ssl off;
        location /  { return 204; }
    }
}
"""
MENDED = """\
events {
}

http {
    server {
        # the old way, with a comment that stays
        listen 8443 ssl default_server;  # here too
        http2 on;
        ssl_certificate shop.pem;
        ssl_certificate_key shop.key;
        location /  { return 204; }
    }
}
"""


def _fix(folder: Path, *words: str, name: str = "nginx.conf") -> Done:
    return nginxgen("lint", name, "--no-gixy", "--target", TODAY, *words, cwd=folder)


def _write(folder: Path, text: str, name: str = "nginx.conf") -> Path:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_it_mends_and_changes_nothing_else(tmp_path: Path) -> None:
    file = _write(tmp_path, WHOLE)
    file.chmod(0o640)
    done = _fix(tmp_path, "--fix")
    assert file.read_text() == MENDED
    assert (tmp_path / "nginx.conf~").read_text() == WHOLE
    assert file.stat().st_mode & 0o777 == 0o640
    assert "mended" in done.err
    assert "nginx.conf; what was there before is beside it, with a ~" in done.err
    assert sorted(os.listdir(tmp_path)) == ["nginx.conf", "nginx.conf~"]


def test_the_second_run_has_nothing_to_mend(tmp_path: Path) -> None:
    file = _write(tmp_path, WHOLE)
    _fix(tmp_path, "--fix")
    status = file.stat()
    done = _fix(tmp_path, "--fix")
    assert "mended" not in done.err
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (status.st_ino, status.st_mtime_ns)
    assert (tmp_path / "nginx.conf~").read_text() == WHOLE
    assert _fix(tmp_path, "--diff").code == 0


def test_what_is_mended_is_what_is_not_found_any_more(tmp_path: Path) -> None:
    _write(tmp_path, WHOLE)
    codes = ("NG405", "NG410", "NG411", "NG412")
    before = _fix(tmp_path, "--select", ",".join(codes))
    assert all(code in before.out for code in codes)
    after = _fix(tmp_path, "--select", ",".join(codes), "--fix")
    assert (after.code, after.out) == (0, "")
    assert "mended 4 in nginx.conf" in after.err


def test_nginx_takes_what_was_mended(tmp_path: Path, nginx: NginxBinary) -> None:
    """The newest refuses the old text for its ``ssl off``; an old one has no ``http2 on``, so it is not asked."""
    if not nginx.target.since(RULES["NG410"].since or nginx.target.lowest):
        pytest.skip(f"{nginx.target.name} does not have what the fix writes")
    assert any("unknown directive" in line for line in ask_as_it_stands(WHOLE, nginx, tmp_path / "before"))
    assert ask(MENDED, nginx, tmp_path / "after") == []


def test_the_difference_is_shown_and_nothing_is_written(tmp_path: Path) -> None:
    file = _write(tmp_path, WHOLE)
    done = _fix(tmp_path, "--diff")
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[:2] == ["--- nginx.conf", "+++ nginx.conf (mended)"]
    assert [line for line in lines[2:] if line.startswith("-")] == [
        "-        listen 8443 ssl http2 default;  # here too",
        "-        http2_max_requests 5000;",
        "-        ssl off;",
    ]
    assert [line for line in lines[2:] if line.startswith("+")] == [
        "+        listen 8443 ssl default_server;  # here too",
        "+        http2 on;",
    ]
    assert file.read_text() == WHOLE
    assert os.listdir(tmp_path) == ["nginx.conf"]


def test_only_what_is_selected_is_mended(tmp_path: Path) -> None:
    file = _write(tmp_path, WHOLE)
    _fix(tmp_path, "--fix", "--select", "NG412")
    assert file.read_text() == WHOLE.replace("http2 default;", "http2 default_server;")


def test_an_included_file_is_mended_where_it_is(tmp_path: Path) -> None:
    site = "server {\n    listen 8080 default;\n    return 204;\n}\n"
    root = _write(tmp_path, "events {\n}\nhttp {\n    include conf.d/*.conf;\n}\n")
    was = root.read_text()
    files = [_write(tmp_path, site.replace("8080", port), f"conf.d/{port}.conf") for port in ("8080", "8081")]
    other = _write(tmp_path, "server {\n    listen 8082;\n    return 204;\n}\n", "conf.d/8082.conf")
    done = _fix(tmp_path, "--fix", "--select", "NG412")
    assert "mended 2" in done.err
    for file in files:
        assert file.read_text().splitlines()[1] == f"    listen {file.stem} default_server;"
        assert file.with_name(f"{file.name}~").read_text() == site.replace("8080", file.stem)
    assert root.read_text() == was
    assert not other.with_name("8082.conf~").exists()
    assert not root.with_name("nginx.conf~").exists()


def test_bytes_that_are_no_text_stay_as_they_are(tmp_path: Path) -> None:
    file = _write(tmp_path, "")
    data = b'server {\n    # caf\xe9\n    listen 8080 default;\n    return 200 "\xff\xfe";\n}\n'
    file.write_bytes(data)
    _fix(tmp_path, "--fix", "--select", "NG412")
    assert file.read_bytes() == data.replace(b"default;", b"default_server;")


@pytest.mark.parametrize("text", ["server_name x; }", "", ";", "\x00"])
def test_a_fix_that_makes_things_worse_is_not_taken(tmp_path: Path, text: str) -> None:
    """A rule that writes what cannot be read, or what another rule finds fault with, or that mends nothing."""
    file = _write(tmp_path, "server {\n    listen 8080;\n    server_name a.example;\n}\n")

    def check(subject: Subject) -> object:
        for node in subject.configuration.named("server_name"):
            yield Finding("no", node.spot(1), fix=(Edit(node.spot(1), text),))

    rule = RULES["NG502"]._replace(code="NG599", name="spoils", check=check)  # type: ignore[arg-type]
    mended = mend([str(file)], [rule, *RULES.values()], Target.parse(TODAY))
    assert (mended.before, mended.after, mended.gone) == ({}, {}, 0)


def test_of_two_rules_the_bad_one_is_left_out_and_the_good_one_kept(tmp_path: Path) -> None:
    file = _write(tmp_path, "server {\n    listen 8080 default;\n    root /srv/www;\n}\n")

    def check(subject: Subject) -> object:
        for node in subject.configuration.named("root"):
            yield Finding("no", node.spot(), fix=(Edit(node.spot(0), "roooot"),))

    bad: Rule = RULES["NG502"]._replace(code="NG599", name="spoils", severity=Severity.ERROR, check=check)  # type: ignore[arg-type]
    mended = mend([str(file)], [bad, *RULES.values()], Target.parse(TODAY))
    assert mended.after == {str(file): "server {\n    listen 8080 default_server;\n    root /srv/www;\n}\n"}
