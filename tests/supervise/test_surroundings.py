"""What a worker finds around it: its folder, its variables, its number, and the signal that tells it to end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from nginxgen.proof.binary import NginxBinary
from support.running import free_port, wait_until
from support.supervised import cluster, supervised

PROGRAM = """\
import http.server, json, os, signal, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        names = ("FROM_FILE", "OVER", "NUMBER", "PORT", "SHELL_LIKE")
        body = json.dumps([os.getcwd(), sys.argv[2:], *(os.environ.get(one) for one in names)]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass

def end(number, frame):
    open(f"ended-{sys.argv[2]}", "w").write(signal.Signals(number).name)
    os._exit(0)

for one in (signal.SIGTERM, signal.SIGQUIT):
    signal.signal(one, end)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_workers_have_what_is_said(nginx: NginxBinary, tmp_path: Path) -> None:
    sub = tmp_path / "sub"
    sub.mkdir()
    (sub / "program.py").write_text(PROGRAM)
    (tmp_path / "worker.env").write_text("# ours\nexport FROM_FILE='a b'\nOVER=file\nSHELL_LIKE=$HOME;x\n")
    more = 'cwd = "sub"\nenv_file = "worker.env"\nenv = { OVER = "said", NUMBER = "w{index}" }\nstop_signal = "SIGQUIT"'
    port = free_port()
    text = cluster(port, more=more)
    command = text[text.index("command") : text.index("\ncount")]
    words = json.dumps([sys.executable, "program.py", "{port}", "{index}", "$HOME {{port}}"])
    with supervised(tmp_path, port, text.replace(command, f"command = {words}"), nginx) as up:
        ports = [one["address"].rpartition(":")[2] for one in up.workers()]
        answers = {up.get() for _ in range(4)}
        assert sorted(map(json.loads, answers), key=lambda one: one[4]) == [
            [str(sub), [str(at), "$HOME {{port}}"], "a b", "said", f"w{at}", ports[at], "$HOME;x"] for at in (0, 1)
        ]
        assert up.end() == 130
        wait_until(lambda: [(sub / f"ended-{at}").read_text() for at in (0, 1)] == ["SIGQUIT"] * 2, "both were told")
