"""What README shows of ``nginxgen up`` is what it prints."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections import Counter
from pathlib import Path

from nginxgen.proof.binary import NginxBinary
from support.running import free_port
from support.supervised import supervised

ROOT = Path(__file__).parents[2]
CHANGING = {
    r"\[\d\d/\w+/\d{4} [\d:]+\]": "[TIME]",
    r"pid \d+": "pid PID",
    r"\d+ ms": "MS",
    r":\d+/": ":PORT/",
    r"127\.0\.0\.1:\d+": "ADDRESS",
    r"\d+ bytes": "SIZE",
}


def lines_of(text: str) -> Counter[str]:
    """The lines, without what differs from time to time; two workers become ready in any order."""
    for pattern, word in {**CHANGING, r"nginx 1\.\d+\.\d+": "nginx VERSION"}.items():
        text = re.sub(pattern, word, text)
    return Counter(text.splitlines())


def test_readme_shows_what_up_prints(nginx: NginxBinary, tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```text\n(hello\.0 .*?)^```$", readme, re.MULTILINE | re.DOTALL)
    shutil.copytree(ROOT / "examples" / "hello", tmp_path, dirs_exist_ok=True)
    port, workers = free_port(), free_port()
    text = (
        (tmp_path / "cluster.toml")
        .read_text()
        .replace("8080", str(port))
        .replace("8001", f'"{workers}-{workers + 50}"')
    )
    with supervised(tmp_path, port, text, nginx, "--log-format", "text") as up:
        assert up.get() != up.get()
        os.kill(up.pids("hello")[0], signal.SIGKILL)
        up.wait_for("is back")
        up.edit('upstream = "hello"', 'upstream = "hello"\nadd_header = { X-Shop = "open" }')
        up.wait_for("serves after")
        assert up.end() == 130
        assert lines_of(up.said()) == lines_of(shown)
