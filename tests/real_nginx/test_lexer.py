"""Our lexer of other people's texts against nginx's own, on the same hostile bytes.

The oracle is ``geo``, which expands nothing: what a word is to nginx comes back over HTTP.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from nginxgen.conf.lexer import Refused, tokens
from nginxgen.proof.binary import NginxBinary, run
from support.oracle import read_by_nginx

pytestmark = pytest.mark.nginx

ALPHABET = "ab\"'\\${};# \n()\t"


def _own(raw: str) -> str | None:
    """What our lexer makes of one parameter; None when it is not exactly one."""
    try:
        found = [one for one in tokens(f"default {raw};") if one.kind != "#"]
    except Refused:
        return None
    is_one = [one.kind for one in found] == ["word", "word", ";"] and found[-1].end == len(f"default {raw};")
    return found[1].value if is_one else None


def _is_refused(raw: str) -> bool:
    try:
        list(tokens(f"default {raw};\n}} }}\n"))
    except Refused:
        return True
    return False


def _drawn(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    return list(dict.fromkeys("".join(chance.choices(ALPHABET, k=chance.randint(1, 8))) for _ in range(count)))


def test_words_are_what_nginx_reads(nginx: NginxBinary) -> None:
    wanted = {raw: value for raw in _drawn(1, 4000) if (value := _own(raw)) is not None}
    assert len(wanted) > 400
    read = read_by_nginx(nginx, list(wanted))
    different = {raw: body for (raw, value), body in zip(wanted.items(), read, strict=True) if body != value.encode()}
    assert different == {}


def test_what_is_refused_nginx_refuses_too(nginx: NginxBinary, tmp_path: Path) -> None:
    file = tmp_path / "nginx.conf"
    refused = [raw for raw in _drawn(2, 2000) if _is_refused(raw)][:80]
    assert len(refused) == 80
    for raw in refused:
        file.write_text(f"events {{}}\nhttp {{ geo $v {{ default {raw};\n}} }}\n", newline="")
        said = run([nginx.path, "-t", "-e", "stderr", "-p", str(tmp_path), "-c", str(file)], 60)
        assert "test is successful" not in said, raw
