"""Configurations as they lie about: whole, in pieces, in folders, printed by ``nginx -T``, or broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nginxgen.diagnostic import Spot
from nginxgen.foreign import Configuration, parse_text, read_configuration

MAIN = "events {}\nhttp {\n    include conf.d/*.conf;\n    include /etc/nginx/extra;\n}\n"


def _written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def _names(configuration: Configuration) -> list[str]:
    return [str(node) for node in configuration.walk()]


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("user nobody;\nevents {}\n", "main"),
        ("upstream a { server 127.0.0.1; }\nserver { location / { proxy_pass http://a; } }", "http"),
        ("server { listen 80; }", "http"),
        ("map $a $b { default 1; }", "http"),
        ("server { listen 53; proxy_pass 127.0.0.1:5353; }", "stream"),
        ("location / { return 204; }", "server"),
        ("proxy_set_header Host $host;\n", "server"),
        ("try_files $uri =404;\n", "server"),
        ("internal;\nproxy_pass http://127.0.0.1;\n", "location"),
        ("server 127.0.0.1:80;\nkeepalive 8;\n", "upstream"),
        ("text/html html htm;\nimage/png png;\n", "types"),
    ],
)
def test_where_a_piece_belongs(text: str, context: str) -> None:
    (root,) = parse_text(text).roots
    assert root.inner == context


def test_includes_stand_in_the_place_of_the_include(tmp_path: Path) -> None:
    files = {"nginx.conf": MAIN, "conf.d/b.conf": "server { listen 2; }\n", "conf.d/a.conf": "server { listen 1; }\n"}
    folder = _written(tmp_path, files)
    configuration = read_configuration([str(folder / "nginx.conf")])
    assert _names(configuration) == ["events", "http", "server", "listen 1", "server", "listen 2"]
    (http,) = configuration.named("http")
    assert [str(one) for one in http.missing] == ["include /etc/nginx/extra"]
    assert not http.is_whole
    (folder / "extra").write_text("gzip on;")
    again = read_configuration([str(folder)])
    assert _names(again)[-1] == "gzip on", "the folder of a repository stands for /etc/nginx"
    assert again.named("http")[0].is_whole
    assert len(again.roots) == 1, "what was included is no piece of its own"


def test_a_folder_without_a_main_file_is_one_http(tmp_path: Path) -> None:
    folder = _written(
        tmp_path,
        {
            "sites-enabled/shop": "server { proxy_pass_header X; }",
            "conf.d/u.conf": "upstream u { server 127.0.0.1; }",
            "notes.md": "# no configuration",
        },
    )
    configuration = read_configuration([str(folder)])
    assert [root.inner for root in configuration.roots] == ["http"]
    assert {one.name for one in configuration.roots[0].children or ()} == {"server", "upstream"}


def test_what_nginx_printed_is_read_out_of_itself(tmp_path: Path) -> None:
    dump = (
        "nginx: configuration file /etc/nginx/nginx.conf test is successful\n"
        f"# configuration file /etc/nginx/nginx.conf:\n{MAIN}"
        "# configuration file /etc/nginx/conf.d/a.conf:\nserver {\n    listen 1;\n}\n"
        "# configuration file /etc/nginx/extra:\ngzip on;\n"
    )
    (tmp_path / "dump").write_text(dump)
    configuration = read_configuration([str(tmp_path / "dump")])
    assert _names(configuration) == ["events", "http", "server", "listen 1", "gzip on"]
    (listen,) = configuration.named("listen")
    assert (listen.file.name, listen.line) == ("/etc/nginx/conf.d/a.conf", 2)
    assert configuration.is_dump


def test_a_file_that_includes_itself_is_told(tmp_path: Path) -> None:
    _written(tmp_path, {"nginx.conf": "include nginx.conf;\nevents {}\n"})
    (problem,) = read_configuration([str(tmp_path / "nginx.conf")]).problems
    assert "includes itself" in problem.message


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("http {\n    gzip on\n}\n", '"}" before the ";"', (3, 1)),
        ("http {\n", "the block of http never ends", (1, 1)),
        ("user nobody", 'the file ends before the ";"', (1, 1)),
        ('user "nobody;\n', "a string that never ends", (1, 6)),
        ("a 'b'c;", "a string is followed by 'c'", (1, 6)),
        ("}\n", '"}" without a block', (1, 1)),
        ("a {};;", '";" without a directive', (1, 5)),
        ("a b\\", "the text ends behind a backslash", (1, 4)),
    ],
)
def test_what_nginx_would_not_read(text: str, message: str, place: tuple[int, int]) -> None:
    (problem,) = parse_text(text).problems
    assert problem.message.startswith(message)
    assert isinstance(problem.where, Spot)
    assert problem.where.file.position(problem.where.span.start) == place


def test_lua_is_stepped_over() -> None:
    text = (
        'location / {\n  content_by_lua_block {\n    -- a } in a comment\n    local s = "}" .. [[ } ]]\n'
        "    if s then ngx.say({ 1 }) end\n  }\n  gzip on;\n}\n"
    )
    configuration = parse_text(text)
    assert configuration.problems == []
    assert [one.name for one in configuration.walk()] == ["location", "content_by_lua_block", "gzip"]


def test_words_keep_their_places_whatever_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "x.conf").write_bytes(b'add_header X "\xff \\" y"; # \xe9\n')
    configuration = read_configuration([str(tmp_path / "x.conf")])
    (header,) = configuration.named("add_header")
    assert header.args == ("X", '\udcff " y')
    assert header.file.text[header.words[2].start : header.words[2].end] == '"\udcff \\" y"'


def test_inheritance() -> None:
    configuration = parse_text("http { gzip on; server { location / { } location /x { gzip off; } } }\nevents {}")
    first, second = configuration.named("location")
    assert (first.value("gzip"), second.value("gzip")) == ("on", "off")
    assert first.value("expires") is None
    assert first.knows("expires")
    piece = parse_text("server { location / { } }").named("location")[0]
    assert not piece.knows("expires"), "what is around it is not known"


def test_every_real_one_that_nginx_takes_is_read(shared: Path) -> None:
    manifest = json.loads((shared / "corpus" / "manifest.json").read_text())
    failed = {}
    read = 0
    for row in manifest:
        configuration = read_configuration([str(shared / "corpus" / row["file"])])
        if row["nginx-1.31.3"]["status"].startswith("accepted") and not row.get("placeholders"):
            read += 1
            if configuration.problems:
                failed[row["file"]] = configuration.problems[0].message
    assert read > 500
    assert failed == {}
