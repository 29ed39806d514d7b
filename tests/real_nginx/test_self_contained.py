"""One file is all it takes, it is the same every time, and what it says literally arrives literally."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.running import end_process, free_port, wait_for_port, wait_until, written
from support.site import Site, fill

pytestmark = pytest.mark.nginx

STATIC = """
[http]
access_log = false
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "/"
root = "html"
"""
MEDIA_TYPES = {
    "a.html": "text/html",
    "a.css": "text/css",
    "a.js": "text/javascript",
    "a.mjs": "text/javascript",
    "a.svg": "image/svg+xml",
    "a.json": "application/json",
    "a.wasm": "application/wasm",
    "a.woff2": "font/woff2",
    "a.webp": "image/webp",
    "a.unknown": "application/octet-stream",
}


def test_an_empty_prefix_folder_is_enough(site: Site, tmp_path: Path) -> None:
    # Nothing is added to the text here: temporary files and the pid go where the binary puts them.
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    port = free_port()
    text = site.render(STATIC, PORT=port)
    (prefix / "nginx.conf").write_text(text)
    paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own = "daemon off; pid nginx.pid; error_log stderr;" + (" user root;" if os.geteuid() == 0 else "")
    command = [site.nginx.path, "-p", str(prefix), "-c", "nginx.conf", "-g", own]
    with open(tmp_path / "stderr", "wb") as stderr:
        process = subprocess.Popen(command, stderr=stderr, stdin=subprocess.DEVNULL)
    try:
        wait_for_port(port, process)
    finally:
        end_process(process)
    assert not {"mime.types", "html"} & {one.name for one in prefix.iterdir()}
    assert not any(f"{one}_temp_path" in text for one in paths)


def test_media_types_are_right_without_a_file_of_them(site: Site) -> None:
    with site.serve(STATIC) as served:
        assert "include" not in served.text
        folder = served.folder / "html"
        folder.mkdir()
        for name in MEDIA_TYPES:
            (folder / name).write_text("x")
        got = {name: served.get(f"/{name}").get("Content-Type") for name in MEDIA_TYPES}
        assert got == {name: [media_type] for name, media_type in MEDIA_TYPES.items()}


EVERYTHING = """
[http]
trusted_proxies = ["10.0.0.0/8"]
unknown_hosts = "refuse"
log_format.main = { json = { time = "$time_iso8601", status = "$status" } }
map = [{ source = "$host", variable = "$tenant", default = "", entries = { "b.example" = "b", "a.example" = "a" } }]
[upstream.b]
servers = ["127.0.0.1:8002"]
[upstream.a]
servers = ["127.0.0.1:8001"]
[[server]]
server_name = ["b.example", "a.example"]
proxy_set_header = { X-B = "b", X-A = "a" }
[[server.location]]
path = "/b"
upstream = "b"
websocket = true
[[server.location]]
path = "/a"
upstream = "a"
"""


def test_the_same_input_gives_the_same_bytes(site: Site, tmp_path: Path) -> None:
    text = site.render(EVERYTHING)
    assert site.render(EVERYTHING) == text
    for seed in ("0", "1"):
        other = tmp_path / seed
        other.mkdir()
        (other / "cluster.toml").write_text(EVERYTHING)
        nginx = f"--target={site.nginx.path}" if site.target.configured is not None else "--target=any"
        command = [sys.executable, "-m", "nginxgen", "render", "cluster.toml", nginx]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
        done = subprocess.run(command, cwd=other, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout == text


def test_the_header_says_what_made_it_and_no_date_host_or_path(site: Site, tmp_path: Path) -> None:
    first = site.render(EVERYTHING).splitlines()[0]
    assert first.startswith("# Made by nginxgen ")
    assert "cluster.toml" in first
    assert str(tmp_path) not in site.render(EVERYTHING)


LITERAL = """
[http]
add_header = { X-Price = "5${nginxgen_dollar}, $uri, ${nginxgen_dollar}uri" }
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "/"
return = [200, TEXT]
[[server.location]]
path = "/passed"
proxy_pass = "http://127.0.0.1:BACKEND"
proxy_set_header = { X-Text = TEXT }
"""
TEXTS = [
    "a; } b { #c",
    "'single' \"double\"",
    "back\\slash \\n",
    "${nginxgen_dollar}1${nginxgen_dollar}",
    "ä → 🙂",
    " x ",
]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_arrive_as_they_were_written(site: Site, text: str) -> None:
    said = text.replace("${nginxgen_dollar}", "$").encode().decode("latin-1")
    with site.before_backend(LITERAL, TEXT=json.dumps(text, ensure_ascii=False)) as (served, backend):
        answer = served.get("/path")
        assert answer.body.decode("latin-1") == said
        assert answer.get("X-Price") == ["5$, /path, $uri"]
        assert served.get("/passed").status == 200
        assert backend.requests[-1].get("X-Text") == [said.strip()]


def test_filling_in_leaves_other_words_alone() -> None:
    assert fill("PORT SPORT PORTS X-PORT $PORT", PORT=1) == "1 SPORT PORTS X-1 $1"


PIDS = """
[nginx]
pid = "run.pid"
error_log = "errors.log"
"""


def test_own_pid_and_error_log_are_used(site: Site, tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    port = free_port()
    (prefix / "nginx.conf").write_text(site.render(PIDS + STATIC, PORT=port))
    own = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    command = [site.nginx.path, "-p", str(prefix), "-c", "nginx.conf", "-g", own]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    try:
        wait_for_port(port, process)
        wait_until(lambda: written(prefix / "run.pid"), "a pid file")
        assert int(written(prefix / "run.pid")) == process.pid
        assert (prefix / "errors.log").exists()
    finally:
        end_process(process)
