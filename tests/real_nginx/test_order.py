"""Where nginx cares what stands first: what it says to each rule broken, and that our proof catches it before."""

from __future__ import annotations

from pathlib import Path

import pytest

from nginxgen.conf.read import read_tree
from nginxgen.proof.binary import NginxBinary, run
from nginxgen.proof.order import RULES, find_misplaced

HEAD = "events { } pid FOLDER/pid; error_log stderr;"
BROKEN = {
    "method of a group": (
        "http { upstream u { zone u 64k; server 127.0.0.1:1; FEATURE; least_conn; } }",
        "load balancing method redefined",
    ),
    "default of a redirect": (
        "http { server { location / { proxy_redirect default; proxy_pass http://127.0.0.1; } } }",
        '"proxy_redirect default" should be placed after the "proxy_pass" directive',
    ),
    "format of a log": (
        "http { access_log FOLDER/log x; log_format x y; }",
        'unknown log format "x"',
    ),
    "hash of maps": (
        "http { map $uri $x { default a; } map_hash_max_size 4096; }",
        '"map_hash_max_size" directive is duplicate',
    ),
    "module": ("load_module x.so;", '"load_module" directive is specified too late'),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_what_stands_too_late(text: str, said: str, nginx: NginxBinary, tmp_path: Path) -> None:
    config = tmp_path / "nginx.conf"
    # Newer ones keep connections without being asked, and have sticky, which wants to be behind the method as well.
    feature = "sticky cookie x" if nginx.target.has("sticky", "upstream") else "keepalive 4"
    config.write_text(f"{HEAD} {text}".replace("FOLDER", str(tmp_path)).replace("FEATURE", feature))
    assert said in run([nginx.path, "-t", "-e", "stderr", "-p", str(tmp_path), "-c", str(config)], 60)
    assert find_misplaced(read_tree(config.read_text())) is not None


def test_nothing_behind_a_return_is_done() -> None:
    # That nginx runs these in their order is its rewrite module's documentation, and shown in test_redirects.
    assert find_misplaced(read_tree("server { return 404; set $a b; }")) is not None
    assert find_misplaced(read_tree("server { set $a b; return 404; }")) is None


def test_every_rule_is_here() -> None:
    assert len(RULES) == len(BROKEN) + 1
