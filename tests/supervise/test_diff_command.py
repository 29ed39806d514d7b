"""What a running ``up`` serves is a side of a comparison: equal to its file until that is edited and not taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from nginxgen.supervise.control import ask
from support.command import nginxgen
from support.running import free_port
from support.supervised import cluster, supervised

pytestmark = pytest.mark.nginx


def test_drift_between_an_up_and_a_file(tmp_path: Path, nginx: NginxBinary) -> None:
    port = free_port()
    with supervised(tmp_path, port, cluster(port, "{fd}"), nginx) as one:
        same = nginxgen("diff", "up:cluster.toml", "cluster.toml", cwd=tmp_path)
        assert (same.code, same.err) == (0, "")
        assert same.out == "up:cluster.toml → cluster.toml: no difference in meaning\n"
        text = one.file.read_text()
        (tmp_path / "next.toml").write_text(text + 'proxy_set_header = { X-Next = "1" }\n')
        later = nginxgen("diff", "up:cluster.toml", "next.toml", cwd=tmp_path)
        assert (later.code, later.err) == (1, "")
        line = len(text.splitlines()) + 1
        assert f"+ proxy_set_header X-Next 1  (next.toml:{line})" in later.out
        back = nginxgen("diff", "next.toml", "up:cluster.toml", cwd=tmp_path)
        assert f"- proxy_set_header X-Next 1  (next.toml:{line})" in back.out
        assert nginxgen("scale", "app", "3", "cluster.toml", cwd=tmp_path).code == 0
        scaled = nginxgen("diff", "cluster.toml", "up:cluster.toml", cwd=tmp_path)
        assert scaled.code == 1
        assert "+ server unix:/workers/app.2" in scaled.out
        answer = ask(one.run / "control.sock", "text")
        assert f"listen 127.0.0.1:{port}" in answer["text"]
        assert str(one.run) in answer["served"]
        assert str(one.run) not in answer["text"]
        assert answer["target"] == str(nginx.target.lowest)
