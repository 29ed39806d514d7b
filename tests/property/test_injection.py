"""No value becomes syntax: any text in every field is refused with the reason, or read as exactly that text."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nginxgen import ConfigError
from nginxgen.conf.tree import Directive
from nginxgen.model.cluster import Cluster
from nginxgen.model.kind import Between, Kind
from nginxgen.model.record import Record
from nginxgen.model.schema import validate
from nginxgen.proof import NotProven
from support.injection import check_reasons, is_printed, stays_a_value, unquoted
from support.proofs import NEWEST, own_tree, prove_round_trip
from support.slots import Slot, slots
from support.texts import LONG, MEANING, accepts, anything, is_free, texts
from support.valid import refusals

CORE = (
    *(
        "x; } evil { y",
        '"; evil on; "',
        "a b",
        "#",
        "}",
        "{",
        ";",
        "\\",
        '"',
        "'",
        "",
        "{{ 7 * 7 }}",
        "${uri} b",
        "\u2028",
    ),
    *("a\nb; evil on", "a\rb", "\x00", "\ud800", "/a b; } evil {", "~a b", "$uri; evil on", "127.0.0.1:80; evil on"),
    *("= /a b", "http://a b/", "a=b c=d", LONG[3], LONG[4]),
)
PLANTED = (
    "a b",
    "/a b",
    "a; evil on",
    "/a; evil on",
    "}",
    "/x } evil {",
    "# x",
    "/# x",
    "$uri b",
    "~a b",
    "http://$a$b;x",
)
TEXTS = [slot for slot in slots() if not isinstance(slot.kind, Between)]
FREE = [slot for slot in TEXTS if isinstance(slot.kind, Kind) and is_free(slot.kind)]
RECORDS = list(
    {
        (slot.spot.place.cls, slot.spot.field.name, slot.part): slot
        for slot in TEXTS
        if issubclass(slot.spot.place.cls, Record)
    }.values()
)


@pytest.mark.parametrize("slot", TEXTS, ids=lambda slot: slot.label)
def test_what_breaks_other_generators(slot: Slot) -> None:
    assert stays_a_value(slot, slot.harmless)
    read = [value for value in CORE if stays_a_value(slot, value)]
    assert slot not in FREE or len(read) >= len(CORE) // 3, "these are refused for no reason of nginx's"


@pytest.mark.parametrize("slot", RECORDS, ids=lambda slot: f"{slot.spot.place.cls.__name__}.{slot.spot.field.key}")
def test_words_that_mean_something_elsewhere(slot: Slot) -> None:
    """Flags, beginnings of parameters, names of blocks: where they are values, they are nothing else."""
    for value in MEANING:
        stays_a_value(slot, value)


@settings(
    max_examples=1500 * (10 if settings().max_examples > 1000 else 1), suppress_health_check=[HealthCheck.too_slow]
)
@given(st.data())
def test_any_text_in_any_field(data: st.DataObject) -> None:
    slot: Slot = data.draw(st.sampled_from(TEXTS))
    usual: st.SearchStrategy[Any] = texts(slot.kind) if isinstance(slot.kind, Kind) else anything
    stays_a_value(slot, data.draw(st.one_of(anything, usual)))


@settings(
    max_examples=300 * (10 if settings().max_examples > 1000 else 1), suppress_health_check=[HealthCheck.too_slow]
)
@given(st.one_of(st.sampled_from((*CORE, *MEANING)), anything), st.lists(anything, max_size=2), st.booleans())
def test_any_name_of_a_module_that_nobody_knows(name: str, args: list[str], is_block: bool) -> None:
    """With a module loaded, names that nginx does not have may be the module's: these are printed as they stand."""
    words = [name, args, [["inner", name]]] if is_block else [name, *args]
    data = {"defaults": "nginx", "nginx": {"load_module": ["module.so"]}, "http": {"directives": [words]}}
    try:
        cluster = validate(Cluster, data)
    except ConfigError as refused:
        check_reasons(refused.diagnostics)
        return
    if not refusals(cluster, NEWEST):
        text = prove_round_trip(cluster)
        assert text is not None
        inner = (Directive("inner", (name,)),) if is_block else None
        assert own_tree(text)[-1].block == (Directive(name, tuple(args), inner),)


def test_every_value_is_printed() -> None:
    """Else there would be nothing to show: what is not printed is a name that other fields point at."""
    assert {slot.label for slot in TEXTS if not is_printed(slot)} == {"nginx.target", "tls{key}", "server[0].tls"}


def test_these_checks_fail_without_quoting() -> None:
    """The same proof, over templates that print values as they stand: every field that takes such values is caught."""
    caught: Counter[str] = Counter()
    for slot in TEXTS:
        for value in PLANTED:
            if isinstance(slot.kind, Kind) and accepts(slot.kind, value) and is_printed(slot):
                assert stays_a_value(slot, value)
                with pytest.raises(NotProven):
                    stays_a_value(slot, value, unquoted)
                caught[slot.label] += 1
    assert not [slot.label for slot in FREE if is_printed(slot) and caught[slot.label] < 3]
    assert caught["server[0].location[0].path"] > 1
