"""Values that nginx reads alike come to the same, and others do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nginxgen.change.values import backend, canonical, listener, size, time

UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
ALIKE = [
    ("proxy_read_timeout", ["60s", "1m", "1m0s", "60", "60000ms"], "location"),
    ("client_max_body_size", ["1024k", "1m", "1M", "1048576"], "http"),
    ("gzip", ["on", "ON", "On"], "http"),
    ("keepalive_timeout", ["65", "65s", "1m5s"], "http"),
    ("keepalive_timeout", ["60", "1m"], "upstream"),
    ("resolver_timeout", ["30s", "30"], "http"),
    ("worker_shutdown_timeout", ["1h", "60m"], "main"),
    ("expires", ["1d", "24h", "86400"], "location"),
    ("limit_rate", ["1k", "1024"], "location"),
    ("proxy_timeout", ["10m", "600"], "stream server"),
]
DIFFERENT = [
    ("proxy_read_timeout", "60s", "61s", "location"),
    ("expires", "-1", "1", "location"),
    ("root", "1m", "60s", "server"),
    ("server_tokens", "build", "BUILD", "http"),
    ("client_max_body_size", "1m", "1g", "http"),
    ("proxy_pass", "http://a", "http://A", "location"),
    ("nobodys_directive", "60s", "1m", "http"),
]


@pytest.mark.parametrize(("name", "words", "context"), ALIKE)
def test_alike(name: str, words: list[str], context: str) -> None:
    assert len({canonical(name, [word], context) for word in words}) == 1


@pytest.mark.parametrize(("name", "one", "other", "context"), DIFFERENT)
def test_different(name: str, one: str, other: str, context: str) -> None:
    assert canonical(name, [one], context) != canonical(name, [other], context)


@given(st.lists(st.tuples(st.integers(0, 999), st.sampled_from(list(UNITS))), min_size=1, max_size=5))
def test_times_are_their_sum(parts: list[tuple[int, str]]) -> None:
    text = "".join(f"{count}{unit}" for count, unit in parts)
    assert time(text) == f"{sum(count * UNITS[unit] for count, unit in parts)}ms"


@given(st.integers(0, 10**6), st.sampled_from(["", "k", "K", "m", "M", "g"]))
def test_sizes_are_bytes(count: int, unit: str) -> None:
    assert size(f"{count}{unit}") == str(count * 1024 ** " kmg".index(unit.lower() or " "))


@given(st.text(max_size=12))
def test_what_is_no_time_or_size_stays(text: str) -> None:
    assert time(text) == text or text[:1].isdigit()
    assert size(text) == text or text[:1].isdigit()


def test_sockets_and_servers() -> None:
    assert {listener([one]) for one in ("80", "*:80", "0.0.0.0:80", "*")} == {"*:80"}
    assert listener(["[::]:443", "quic"]) != listener(["[::]:443"])
    assert listener(["EXAMPLE.org:80"]) == listener(["example.org"])
    assert {backend(one) for one in ("10.0.0.1", "10.0.0.1:80")} == {"10.0.0.1:80"}
    assert {backend(one) for one in ("[::1]", "[::1]:80")} == {"[::1]:80"}
    assert backend("unix:/run/a.sock") == "unix:/run/a.sock"
