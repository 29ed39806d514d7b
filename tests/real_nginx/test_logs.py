"""Access logs: JSON that stays JSON, written in pieces, and only what was asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.running import wait_until, written
from support.site import Site

pytestmark = pytest.mark.nginx

JSON_LOG = """
[nginx]
worker_processes = 1
[http]
access_log = { path = "FOLDER/access.json", format = "main" }
[http.log_format.main.json]
time = "$time_iso8601"
request = "$request"
status = "$status"
agent = "$http_user_agent"
"odd \\"name\\" \\\\ ä" = "before \\"$http_x_odd\\" \\\\ after"
constant = "no variable; }"
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "/"
return = 204
"""
HOSTILE = [
    'quote " and \\ backslash \\" \\\\',
    '", "status": "999", "x": "',
    "\x01\x02\x1f\x7f tab\tend",
    "{}[],:;'`$uri ${uri} $",
    "\u00ff\u00fe latin",
    "\u00c3\u00a4 utf-8 ä",
    "</script><script>",
    "\\u0000\\n",
]


def lines(path: Path, count: int) -> list[bytes]:
    """The lines of a log, when that many have been written."""
    wait_until(lambda: path.exists() and path.read_bytes().count(b"\n") >= count, f"{count} lines in {path.name}")
    return path.read_bytes().splitlines()


def test_every_line_is_json_whatever_clients_send(site: Site) -> None:
    with site.serve(JSON_LOG, FOLDER=site.folder) as served:
        for text in HOSTILE:
            assert served.get("/", {"User-Agent": text, "X-Odd": text}).status == 204
        logged = [json.loads(line.decode("latin-1")) for line in lines(site.folder / "access.json", 8)]
    assert len(logged) == len(HOSTILE)
    for text, line in zip(HOSTILE, logged, strict=True):
        assert list(line) == ["time", "request", "status", "agent", 'odd "name" \\ Ã¤', "constant"]
        assert line["agent"] == text.strip()
        assert line['odd "name" \\ Ã¤'] == f'before "{text.strip()}" \\ after'
        assert (line["status"], line["constant"]) == ("204", "no variable; }")


PLAIN_LOG = """
[nginx]
worker_processes = 1
[http]
access_log = "FOLDER/access.log"
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "/"
return = 204
"""


def test_a_log_is_written_in_pieces_and_within_a_second_or_so(site: Site) -> None:
    log = site.folder / "access.log"
    with site.serve(PLAIN_LOG, FOLDER=site.folder) as served:
        with served.client() as client:
            for _ in range(3):
                assert client.get().status == 204
        early = written(log)
        assert len(lines(log, 3)) == 3
        # Whatever was there at once was there whole: the three lines came in one piece.
        assert early.count("\n") in (0, 3)
        assert "buffer=64k flush=1s" in served.text


def test_a_full_piece_is_written_at_once_and_no_line_is_lost(site: Site) -> None:
    log = site.folder / "access.log"
    long = "x" * 900
    with site.serve(PLAIN_LOG, FOLDER=site.folder) as served, served.client() as client:
        for number in range(400):
            assert client.get(f"/{number}?{long}").status == 204
        logged = lines(log, 400)
    assert [int(line.split(b"/")[3].split(b"?")[0]) for line in logged] == list(range(400))


CONDITIONAL = """
[nginx]
worker_processes = 1
[http]
access_log = [
    { path = "FOLDER/bad.log", format = "combined", if = "$is_bad" },
    { path = "FOLDER/all.log", format = "short" },
]
log_format.short = "$request_uri $status"
map = [{ source = "$status", variable = "$is_bad", default = "1", entries = { "~^[23]" = "0" } }]
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "/good"
return = 204
[[server.location]]
path = "/bad"
return = 404
[[server.location]]
path = "/quiet"
access_log = false
return = 404
"""


def test_a_log_may_hold_some_requests_only(site: Site) -> None:
    with site.serve(CONDITIONAL, FOLDER=site.folder) as served:
        for path in ("/good", "/quiet", "/bad"):
            served.get(path)
        assert lines(site.folder / "all.log", 2) == [b"/good 204", b"/bad 404"]
        bad = lines(site.folder / "bad.log", 1)
        assert len(bad) == 1
        assert b'"GET /bad HTTP/1.1" 404' in bad[0]


OFF = """
[http]
access_log = "FOLDER/access.log"
[[server]]
listen = ["127.0.0.1:PORT"]
access_log = false
return = 204
"""


def test_a_log_that_is_off_stays_empty(site: Site) -> None:
    with site.serve(OFF, FOLDER=site.folder) as served:
        assert served.get().status == 204
    # nginx has ended, and with that written what it held.
    assert written(site.folder / "access.log") == ""
