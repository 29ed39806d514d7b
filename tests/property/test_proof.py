"""The proof finds what is wrong: whatever is changed in a text that is right, it is proven no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import unified_diff
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nginxgen.conf.token import find_unclean, quote, unrepresentable
from nginxgen.expand import expand
from nginxgen.model.cluster import Cluster
from nginxgen.model.schema import validate
from nginxgen.proof import NotProven, prove
from nginxgen.proof.statements import Located, block_end, locate
from support.proofs import NEWEST, prove_round_trip
from support.strategies import explicit_clusters

MANY = 100 * (10 if settings().max_examples > 1000 else 1)
MOST = 25


def left_out(text: str, one: Located) -> Iterator[str]:
    end = block_end(text, one) if one.is_block else one.end
    if one.name not in ("events", "http"):  # an empty one of these says nothing
        yield text[: one.start] + text[end:]


def doubled(text: str, one: Located) -> Iterator[str]:
    end = block_end(text, one) if one.is_block else one.end
    yield text[:end] + "\n" + text[one.start : end] + text[end:]


def with_another_inside(text: str, one: Located) -> Iterator[str]:
    if one.is_block:
        for planted in ("evil on;", "types { }", 'return 444 "x";', "include /x;", "deny all;", "daemon off;"):
            yield f"{text[: one.end]} {planted} {text[one.end :]}"


def with_a_longer_word(text: str, one: Located) -> Iterator[str]:
    for word in one.words:
        longer = f"{word.value}x"
        if not (one.name == "if" and word.value in ("(", ")")) and unrepresentable(longer) is None:
            yield text[: word.start] + quote(longer) + text[word.end :]


def with_a_word_less(text: str, one: Located) -> Iterator[str]:
    for word in one.words:
        yield text[: word.start] + text[word.end :]


def with_two_words_in_one(text: str, one: Located) -> Iterator[str]:
    for first, second in zip(one.words[1:], one.words[2:], strict=False):
        together = f"{first.value} {second.value}"
        if one.name != "if" and unrepresentable(together) is None:
            yield text[: first.start] + quote(together) + text[second.end :]


def with_one_word_in_two(text: str, one: Located) -> Iterator[str]:
    for word in one.words[1:]:
        before, blank, after = (word.value or "").partition(" ")
        if blank:
            yield f"{text[: word.start]}{quote(before)} {quote(after)}{text[word.end :]}"


CHANGES: list[Callable[[str, Located], Iterator[str]]] = [
    left_out,
    doubled,
    with_another_inside,
    with_a_longer_word,
    with_a_word_less,
    with_two_words_in_one,
    with_one_word_in_two,
]


def is_proven(text: str, explicit: Cluster) -> bool:
    try:
        prove(text, explicit, NEWEST)
    except NotProven:
        return False
    return True


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_nothing_else_is_proven(change: Callable[[str, Located], Iterator[str]]) -> None:
    tried = 0

    @settings(
        max_examples=MANY,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(explicit_clusters, st.randoms(use_true_random=False))
    def found(cluster: Cluster, chance: Any) -> None:
        nonlocal tried
        text = prove_round_trip(cluster)
        if text is None:
            return
        explicit = expand(cluster, NEWEST).cluster
        changed = [other for one in locate(text) for other in change(text, one)]
        for other in chance.sample(changed, min(len(changed), MOST)):
            if find_unclean(other) is None:
                tried += 1
                assert not is_proven(other, explicit), "\n".join(unified_diff(text.split("\n"), other.split("\n"), n=0))

    found()
    assert tried > MANY / 10


def proven_after(data: dict[str, Any], was: str, now: str) -> bool:
    """Whether a text is still proven when one piece of it is replaced."""
    cluster = validate(Cluster, {"defaults": "nginx", **data})
    text = prove_round_trip(cluster)
    assert text is not None
    assert text.count(was) == 1
    return is_proven(text.replace(was, now), expand(cluster, NEWEST).cluster)


@pytest.mark.parametrize(
    ("path", "was", "now"),
    [
        ("~ x", "location ~ x {", 'location "~ x" {'),
        ("= /x", "location = /x {", 'location "= /x" {'),
        ("^~ /x", "location ^~ /x {", 'location "^~ /x" {'),
        ("/a b", 'location "/a b" {', "location /a b {"),
        ("= /a b", 'location = "/a b" {', 'location "= /a" b {'),
    ],
)
def test_words_of_a_location(path: str, was: str, now: str) -> None:
    """Nginx makes something else of them: ``~ x`` in one word is a regular expression that begins with a blank."""
    assert not proven_after({"server": [{"location": [{"path": path}]}]}, was, now)


ORDERS: dict[str, tuple[dict[str, Any], str, str]] = {
    "rules of access": ({"http": {"access": [{"deny": "10.0.0.1"}, {"allow": "all"}]}}, "deny 10.0.0.1;", "allow all;"),
    "entries of a map": (
        {"http": {"map": [{"source": "$uri", "variable": "$x", "entries": {"~a": "1", "~b": "2"}}]}},
        "~a 1;",
        "~b 2;",
    ),
    "regular expressions": (
        {"server": [{"location": [{"path": "~ a"}, {"path": "~ b"}]}]},
        "location ~ a {\n        }",
        "location ~ b {\n        }",
    ),
    "backends": ({"upstream": {"u": {"servers": ["10.0.0.1", "10.0.0.2"]}}}, "server 10.0.0.1;", "server 10.0.0.2;"),
    "directives of the escape hatch": (
        {"server": [{"directives": [["set", "$a", "1"], ["rewrite", "^", "/x"]]}]},
        "set $a 1;",
        "rewrite ^ /x;",
    ),
    "names of a server": ({"server": [{"server_name": ["a.example", "b.example"]}]}, "a.example", "b.example"),
    "servers": (
        {"server": [{"server_name": ["a.example"]}, {"server_name": ["b.example"]}]},
        "server_name a.example;",
        "server_name b.example;",
    ),
}


@pytest.mark.parametrize(("data", "first", "second"), ORDERS.values(), ids=ORDERS)
def test_an_order_that_means_something(data: dict[str, Any], first: str, second: str) -> None:
    cluster = validate(Cluster, {"defaults": "nginx", **data})
    text = prove_round_trip(cluster)
    assert text is not None
    swapped = text.replace(first, "@first@").replace(second, first).replace("@first@", second)
    assert swapped != text
    assert not is_proven(swapped, expand(cluster, NEWEST).cluster)


def test_an_empty_table_of_media_types_says_something() -> None:
    """It takes away those of the outer block."""
    data = {"server": [{"location": [{"path": "/x"}]}]}
    assert not proven_after(data, "location /x {", "location /x { types { }")
