"""Real nginx reads what was written: words through geo, and whole renderings through requests."""

from __future__ import annotations

import random
from itertools import product
from urllib.parse import quote as percent

import pytest

from nginxgen import AddHeader, Cluster, Http, Location, Map, MapEntry, Return, Server, render
from nginxgen.conf.token import MAX_BYTES, MultiLine, Unrepresentable, quote
from nginxgen.proof.binary import NginxBinary
from support.oracle import read_by_nginx
from support.running import Client, free_port, running_nginx
from support.texts import HOSTILE, LONG, MEANING, PLAIN

pytestmark = pytest.mark.nginx

SPECIALS = "\"'\\;{}#$ \t\n\r()[]=~^*@|&!?<>,.:/%+-_`a0nrt\u00a0\u0085\u2028\u3000\ufeff\u00e9\u0130"


def drawn(count: int, alphabet: str) -> list[str]:
    """Texts by chance, the same in every run."""
    chance = random.Random(20)
    return ["".join(chance.choices(alphabet, k=chance.randint(1, 24))) for _ in range(count)]


def values() -> list[str]:
    """Every few special characters, every character up to U+017F, known troublemakers, and texts by chance."""
    few = ["".join(some) for some in [*product(SPECIALS, repeat=2), *product("\\\"'nx", repeat=4)]]
    singles = [f"{chr(code)}" for code in range(0x20, 0x180) if code != 0x7F]
    boundaries = ["x" * MAX_BYTES, "é" * (MAX_BYTES // 2), "\U0001f600" * (MAX_BYTES // 4), "\\" * (MAX_BYTES // 2)]
    known = [*PLAIN, *MEANING, *HOSTILE, *LONG[:4], *boundaries]
    chance = drawn(800, SPECIALS) + drawn(400, "ab\\\"'{};$ \n") + drawn(200, 'aé€\U0001f600\u202e\\"')
    return list(dict.fromkeys([*few, *singles, *known, *chance]))


def test_nginx_reads_every_word_as_it_was_meant(nginx: NginxBinary) -> None:
    meant = [MultiLine(value) for value in values()]
    read = read_by_nginx(nginx, [quote(value) for value in meant])
    wrong = {value: body for value, body in zip(meant, read, strict=True) if body != value.encode()}
    assert wrong == {}
    assert len(read) > 3000


def test_this_test_can_fail(nginx: NginxBinary) -> None:
    """Words that another language's rules quote are read as something else."""
    read = read_by_nginx(nginx, [repr("a\u00a0\x7fb"), '"\\\\."', "'\\.'", '"\\t"'])
    assert read == [b"a\\xa0\\x7fb", b"\\.", b"\\.", b"\t"]


def test_a_rendering_is_read_as_it_was_meant(nginx: NginxBinary) -> None:
    """Paths of locations, bodies, headers and keys of maps that nginxgen prints, each found by a request for it."""
    texts = _in_requests()
    port = free_port()
    paths = [f"/{at}-{text}-" for at, text in enumerate(texts)]
    cluster = Cluster(
        defaults="nginx",
        http=Http(
            variables_hash_max_size=8192,
            map_hash_max_size=65536,
            map_hash_bucket_size=8192,
            map=[Map(source="$uri", variable="$found", entries=_entries(paths))],
        ),
        server=[
            Server(
                listen=[f"127.0.0.1:{port}"],
                location=[
                    Location(
                        path=f"= {path}",
                        return_=Return(code=200, text=_expression(text)),
                        add_header=[
                            AddHeader(name="X-Text", value=f"<{_expression(text)}>"),
                            AddHeader(name="X-Found", value="$found"),
                        ],
                    )
                    for path, text in zip(paths, texts, strict=True)
                ],
            )
        ],
    )
    text = render(cluster, nginx.target).text
    with running_nginx(nginx, text, port), Client(port) as client:
        for at, path in enumerate(paths):
            answer = client.get(percent(path, safe="/"))
            assert answer.status == 200, path
            assert answer.body == texts[at].encode()
            assert answer.get("X-Text") == [f"<{texts[at]}>".encode().decode("latin-1")]
            assert answer.get("X-Found") == [str(at)]


def _in_requests() -> list[str]:
    """Values that a path may hold: nginx takes "/", "." and ".." for structure, and keeps no connection so long."""
    everything = [*PLAIN, *MEANING, *HOSTILE, *drawn(300, SPECIALS.translate({9: None, 10: None, 13: None}))]
    return [value for value in dict.fromkeys(everything) if "/" not in value and value.strip(".")]


def _entries(paths: list[str]) -> list[MapEntry]:
    return [MapEntry(key=path, value=str(at)) for at, path in enumerate(paths)]


def _expression(text: str) -> str:
    """The text in which nginx replaces variables, with none: "$" has no escape, and a variable of its own."""
    return text.replace("$", "${nginxgen_dollar}")


def test_what_is_longer_than_nginx_reads_is_refused(nginx: NginxBinary) -> None:
    """The limit is nginx's own, a few bytes less: it depends on what follows a word."""
    for value in ("x" * MAX_BYTES, '"' * (MAX_BYTES // 2), "é" * (MAX_BYTES // 2)):
        assert read_by_nginx(nginx, [quote(value)]) == [value.encode()]
        with pytest.raises(Unrepresentable):
            quote(value + "x")
    with pytest.raises(AssertionError, match="too long parameter"):
        read_by_nginx(nginx, ["x" * (MAX_BYTES + 6)])
