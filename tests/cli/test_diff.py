"""``nginxgen diff``: any two sides, in three shapes, with an exit code for each outcome."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from support.command import nginxgen, on_terminal

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*/cluster.toml"))
SHOP = """
defaults = "nginx"
[upstream.app]
servers = ["10.0.0.1:8080"]
[[server]]
listen = [80]
server_name = ["shop.example.org"]
[[server.location]]
path = "/"
upstream = "app"
"""
RECOMMENDED = SHOP.replace('defaults = "nginx"\n', "")
LATER = SHOP.replace("10.0.0.1", "10.0.0.2") + 'proxy_set_header = { X-Shop = "main" }\n'
NASTY = "a|b `c` <script>d</script> *e* _f_ @g #1 [h](http://i) &amp; \u202e\\| ~~j~~"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "a.toml").write_text(SHOP)
    (tmp_path / "b.toml").write_text(LATER)
    return tmp_path


def rendered(path: str, here: Path) -> str:
    """A file's own nginx.conf."""
    done = nginxgen("render", path, cwd=here)
    assert done.code == 0, done.err
    return done.out


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_and_what_they_render_mean_the_same(path: Path) -> None:
    done = nginxgen("diff", "cluster.toml", "nginx.conf", cwd=path.parent)
    assert (done.code, done.err) == (0, "")
    assert done.out == "cluster.toml → nginx.conf: no difference in meaning\n"


def test_differences_with_their_places(here: Path) -> None:
    done = nginxgen("diff", "a.toml", "b.toml", cwd=here)
    assert (done.code, done.err) == (1, "")
    assert done.out == (
        "a.toml → b.toml: 2 added, 1 removed\n"
        "  upstream app\n"
        "    - server 10.0.0.1:8080  (a.toml:4)\n"
        "    + server 10.0.0.2:8080  (b.toml:4)\n"
        "  server shop.example.org on 80\n"
        "    location /\n"
        "      + proxy_set_header X-Shop main  (b.toml:11)\n"
    )


def test_standard_input_is_told_by_what_it_holds(here: Path) -> None:
    text = rendered("a.toml", here)
    assert nginxgen("diff", "a.toml", "-", stdin=text, cwd=here).code == 0
    assert nginxgen("diff", "-", "a.toml", stdin="# a comment\n" + SHOP, cwd=here).code == 0
    dump = f"# configuration file /etc/nginx/nginx.conf:\n{text}\n"
    done = nginxgen("diff", "b.toml", "-", stdin=dump, cwd=here)
    assert done.code == 1
    assert "(b.toml:4)" in done.out
    assert "(/etc/nginx/nginx.conf:" in done.out


def test_includes_and_folders(here: Path) -> None:
    text = rendered("a.toml", here)
    at = text.index("    server {")
    folder = here / "nginx"
    (folder / "conf.d").mkdir(parents=True)
    (folder / "conf.d" / "shop.conf").write_text(text[at : text.rindex("}")])
    (folder / "nginx.conf").write_text(text[:at] + "    include /etc/nginx/conf.d/*.conf;\n}\n")
    assert nginxgen("diff", "nginx", "a.toml", cwd=here).code == 0
    assert nginxgen("diff", "nginx/nginx.conf", "a.toml", cwd=here).code == 0
    done = nginxgen("diff", "nginx", "b.toml", cwd=here)
    assert done.code == 1
    assert re.search(r"\+ proxy_set_header X-Shop main  \(b.toml:11\)", done.out)


def test_cluster_files_that_lie_over_each_other(here: Path) -> None:
    (here / "prod.toml").write_text('[upstream.app]\nservers = ["10.0.0.2:8080"]\n')
    done = nginxgen("diff", "a.toml,prod.toml", "a.toml", cwd=here)
    assert done.code == 1
    assert "- server 10.0.0.2:8080  (prod.toml:2)" in done.out
    assert nginxgen("diff", "a.toml,nginx.conf", "a.toml", cwd=here).code == 2


def test_between_two_targets_of_recommended_settings(here: Path) -> None:
    (here / "a.toml").write_text(RECOMMENDED)
    done = nginxgen("diff", "--target", "1.22", "--target", "1.31.3", "a.toml", cwd=here)
    assert done.err == ""
    assert done.out.startswith("a.toml, from nginx 1.22 to nginx 1.31.3: ")
    assert done.out.endswith(
        "on the wire: nothing changes in HTTP versions, Connection headers, kept connections and TLS protocols\n"
    )


def test_between_two_targets_of_what_is_said_and_no_more(here: Path) -> None:
    done = nginxgen("diff", "--target", "1.22", "--target", "1.31.3", "a.toml", cwd=here)
    assert (done.code, done.err) == (1, "")
    assert done.out == (
        "a.toml, from nginx 1.22 to nginx 1.31.3: the text changes, and no setting with it\n"
        "on the wire: 3 changed\n"
        "  server shop.example.org on 80\n"
        "    location /\n"
        "      ~ requests to http://app: HTTP/1.0 → HTTP/1.1  (a.toml:10)\n"
        "      ~ Connection header to http://app: close → none  (a.toml:10)\n"
        "      ~ connections to http://app: a new one for each request → up to 32 idle ones kept by each worker "
        "process, for this location alone  (a.toml:10)\n"
    )
    (here / "foreign.conf").write_text(rendered("a.toml", here))
    again = nginxgen("diff", "-t", "1.28", "-t", "1.30", "foreign.conf", "--format", "json", cwd=here)
    said = json.loads(again.out)
    assert (again.code, said["equal"], said["changes"], len(said["wire"])) == (1, False, [], 3)
    assert {one["kind"] for one in said["wire"]} == {"wire"}
    assert nginxgen("diff", "-t", "1.26", "-t", "1.28", "foreign.conf", cwd=here).code == 0


def test_for_programs(here: Path) -> None:
    done = nginxgen("diff", "a.toml", "b.toml", "--format", "json", "--target", "1.22", cwd=here)
    said = json.loads(done.out)
    assert (done.code, done.err) == (1, "")
    assert said["before"] == {"name": "a.toml", "target": "nginx 1.22"}
    assert (said["equal"], said["wire"], len(said["changes"])) == (False, None, 3)
    assert said["changes"][2] == {
        "action": "added",
        "kind": "header",
        "place": ["server shop.example.org on 80", "location /"],
        "name": "proxy_set_header X-Shop",
        "before": None,
        "after": "main",
        "was_at": None,
        "now_at": {"file": "b.toml", "line": 11},
    }
    same = json.loads(nginxgen("diff", "a.toml", "a.toml", "--format", "json", cwd=here).out)
    assert (same["equal"], same["changes"]) == (True, [])


def test_nothing_of_a_value_becomes_markdown(here: Path) -> None:
    value = json.dumps(NASTY, ensure_ascii=False).replace("$", "")
    (here / "nasty.toml").write_text(SHOP + f"proxy_set_header = {{ X-A = {value} }}\n")
    done = nginxgen("diff", "a.toml", "nasty.toml", "--format", "markdown", cwd=here)
    assert (done.code, done.err) == (1, "")
    (row,) = [line for line in done.out.splitlines() if "X-A" in line]
    assert row.count("|") == 6
    cells = row.strip("| ").split(" | ")
    assert not re.search(r"[`*_~\[\]@#!\\]", re.sub("&#[0-9]+;", "", row))
    assert set(re.findall("<[^>]*>", row)) == {"<code>", "</code>", "<br>"}
    shown = html.unescape(re.sub("<[^>]*>", "", cells[-1]))
    assert shown == '"' + NASTY.replace("\u202e", "?").replace("\\|", "\\|") + '"'


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}])
def test_colour_is_for_terminals(here: Path, env: dict[str, str]) -> None:
    with on_terminal("diff", "a.toml", "b.toml", piped=False, cwd=here, env=env) as terminal:
        done = terminal.finish()
    assert done.code == 1
    assert ("\x1b[31m    - server 10.0.0.1:8080" in done.err) is not bool(env)
    assert ("\x1b[" in done.err) is not bool(env)


def test_bytes_that_are_no_utf8(here: Path) -> None:
    (here / "bytes.conf").write_bytes(
        b"server { location /\xff { return 200 \xfe; } location /a { return 200 \xfd; } }"
    )
    (here / "other.conf").write_bytes(b"server { location /\xff { return 200 a; } location /\xfe { return 204; } }")
    for shape in ("text", "json", "markdown"):
        done = nginxgen("diff", "bytes.conf", "other.conf", "--format", shape, cwd=here)
        assert (done.code, done.err) == (1, "")
        assert nginxgen("diff", "bytes.conf", "bytes.conf", "--format", shape, cwd=here).code == 0


def test_unreadable_is_not_different(here: Path) -> None:
    (here / "bad.toml").write_text("x = \n")
    (here / "broken.conf").write_text("server {\n    listen 80\n")
    done = nginxgen("diff", "bad.toml", "broken.conf", cwd=here)
    assert (done.code, done.out) == (1, "")
    assert "bad.toml:1:5" in done.err
    assert "broken.conf:2:" in done.err
    assert done.err.endswith("2 errors\n")
    missing = nginxgen("diff", "a.toml", "missing.conf", cwd=here)
    assert (missing.code, missing.out) == (4, "")
    programs = nginxgen("diff", "bad.toml", "a.toml", "--format", "json", cwd=here)
    assert (programs.code, programs.out) == (1, "")
    assert [one["code"] for one in programs.messages] == ["NG001"]


@pytest.mark.parametrize(
    "words",
    [
        ("a.toml",),
        ("a.toml", "b.toml", "a.toml"),
        ("-", "-"),
        ("a.toml", "b.toml", "-t", "1.22", "-t", "1.28"),
        ("-", "-t", "1.22", "-t", "1.28"),
        ("a.toml", "b.toml", "-t", "1.99"),
        ("a.toml", "b.toml", "--format", "yaml"),
    ],
)
def test_usage(here: Path, words: tuple[str, ...]) -> None:
    done = nginxgen("diff", *words, cwd=here)
    assert (done.code, done.out) == (2, "")
    assert done.err


def test_an_up_that_does_not_run(here: Path) -> None:
    done = nginxgen("diff", "up:a.toml", "a.toml", cwd=here)
    assert (done.code, done.out) == (4, "")
    assert done.err == "error: nginxgen up does not run for a.toml\n"
