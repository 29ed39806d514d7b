"""Hostile values in every field of their kind: refused with the reason, or read by a real nginx as exactly that."""

from __future__ import annotations

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from nginxgen import ConfigError, render, rendering
from nginxgen.conf.token import words
from nginxgen.loading import Loaded
from nginxgen.loading.sources import Sources
from nginxgen.model.block import Block
from nginxgen.model.cluster import Cluster
from nginxgen.model.http import Http
from nginxgen.model.kind import Between, Kind
from nginxgen.model.location import Location
from nginxgen.model.schema import validate
from nginxgen.model.server import Server
from nginxgen.proof.asking import ask_nginx
from nginxgen.proof.binary import NginxBinary
from nginxgen.source import SourceFile
from support.crowd import Case, Refusal, find_refused
from support.injection import check_reasons, put
from support.oracle import read_by_nginx
from support.proofs import NEWEST, templates
from support.slots import Slot, slots
from support.texts import LONG, is_free

pytestmark = pytest.mark.nginx

OWN = (
    *('x"; } evil { "', "/srv/a b; evil on", "#not-a-comment", "C:\\new\\table", "é\u00a0\u2028\U0001f600", "$"),
    *("http://[::1]:80; evil on", "1s; evil on", "10.0.0.0/8; evil on", "weight=1 backup", "\x00", "a\nb", LONG[0]),
)
SHARED_LEVELS = (Http, Server, Location)
BETWEEN_FIELDS = re.compile("must be (equal|less)|there must be at least|you should increase")
"""What nginx says of a value that is right for itself, and wrong beside another one."""
OF_THE_WORLD = frozenset({"include", "load_module", "ssl_dhparam", "dhparam", "setfib"})
"""What nginx says of these is about a file on this machine, or about its system."""


class Judged:
    """What became of values in all fields of their kinds; on one level, for fields that several levels share."""

    def __init__(self, values: Mapping[str, Sequence[Any]], levels: Sequence[type[Block]] = SHARED_LEVELS) -> None:
        self.refused = 0
        self.read = 0
        self.tokens: dict[str, str] = {}
        """Every word that was printed, as it stands in the text, and what it means."""
        self.cases: dict[tuple[Any, ...], Case] = {}
        """What is rendered, once for fields that http, servers and locations share."""
        for slot in slots():
            if slot.spot.place.cls in SHARED_LEVELS and not (_is_own(slot) or slot.spot.place.cls in levels):
                continue
            for value in values.get(slot.family, ()):
                for spelling in _spellings(slot, value):
                    self._judge(slot, spelling)

    def __str__(self) -> str:
        return f"{self.refused} refused, {self.read} rendered as they are, in {len(self.tokens)} different words"

    def _judge(self, slot: Slot, value: Any) -> None:
        outcome = put(slot, value)
        if outcome.text is not None:
            self.take(outcome.text)
        if outcome.is_refused:
            self.refused += 1
            return
        self.read += 1
        if slot.spot.field.name not in OF_THE_WORLD:
            cls, name = slot.spot.place.cls, slot.spot.field.name
            place = None if cls in SHARED_LEVELS and not _is_own(slot) else slot.spot.place.label
            self.cases[place, name, slot.part, repr(value)] = Case(
                slot.label, value, slot.cluster(value), not (isinstance(slot.kind, Kind) and is_free(slot.kind))
            )

    def take(self, text: str) -> None:
        """Remember the words of a text."""
        self.tokens |= {text[one.start : one.end]: one.value for one in words(text) if one.value is not None}


def _is_own(slot: Slot) -> bool:
    """Whether a field of http, a server or a location is of that level alone."""
    return slot.spot.field.name in inspect.get_annotations(slot.spot.place.cls)


def _spellings(slot: Slot, value: Any) -> Iterator[Any]:
    """A value as a file may hold it: a text and, where a number is meant, that number."""
    yield value
    if isinstance(slot.kind, Between) and value.isascii() and value.strip().isdigit():
        yield int(value)


def check_with_nginx(judged: Judged, nginx: NginxBinary) -> None:
    """Show that an nginx reads every word as it was meant, and takes what was rendered.

    A text that only nginx understands, such as a list of ciphers, it may refuse; then `check` says where that stands.
    """
    read = read_by_nginx(nginx, list(judged.tokens))
    other = {raw: body for raw, body in zip(judged.tokens, read, strict=True) if body != judged.tokens[raw].encode()}
    assert other == {}
    refused = find_refused(judged.cases.values(), nginx)
    wrong = [one for one in refused if not _has_place(one)]
    wrong += [one for one in refused if one.case.is_typed and not BETWEEN_FIELDS.search(one.message)]
    assert not wrong, "\n".join(
        f"{one.case.label} = {one.case.value!r:.40}: {one.message} {one.place}" for one in wrong
    )


def _has_place(refusal: Refusal) -> bool:
    """Whether what nginx says is shown where the value stands in the cluster."""
    if "you should increase" in refusal.message:
        return True  # a table of nginx's own is too small: it says which, and no line is to blame
    label = refusal.case.label.split("{")[0]
    place = refusal.place
    if label.startswith("tls."):
        return place == "server[0].tls"
    return bool(place) and (place.startswith(label) or label.startswith(place))


@pytest.fixture(autouse=True)
def _quick_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "environment", lambda folder: templates())


def test_own_hostile_values(nginx: NginxBinary, capsys: pytest.CaptureFixture[str]) -> None:
    judged = Judged({slot.family: OWN for slot in slots() if slot.family != "hatch"}, levels=[Location])
    with capsys.disabled():
        print(f"\n{nginx}: {judged}")  # noqa: T201
    assert judged.refused > 1000
    assert judged.read > 1000
    check_with_nginx(judged, nginx)


@pytest.fixture(scope="module")
def hostile(shared: Path) -> dict[str, list[str]]:
    """The values that were measured against nginx, by what they are aimed at."""
    found: dict[str, list[str]] = defaultdict(list)
    for entry in json.loads((shared / "facts" / "hostile_values.json").read_text(encoding="utf-8")):
        found[entry["field"]].append(entry["value"])
    return found


def test_measured_hostile_values(
    nginx: NginxBinary, hostile: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    aimed_at = {slot.family for slot in slots()} | {"comment"}
    assert hostile.keys() <= aimed_at
    judged = Judged(hostile)
    with capsys.disabled():
        print(f"\n{nginx}: {judged}")  # noqa: T201
    check_with_nginx(judged, nginx)


def test_parameters_of_servers(nginx: NginxBinary, hostile: dict[str, list[str]]) -> None:
    """As nginx writes them: in the table of a server, and as words of the escape hatch."""
    judged = Judged({})
    for value in hostile["server_param"]:
        name, equals, text = value.partition("=")
        given = int(text) if text.isdigit() and text.isascii() else text
        for data in (
            _group({"servers": [{"address": "127.0.0.1:80", name: given if equals else True}]}),
            _group({"servers": ["127.0.0.1:80"], "directives": [["server", "127.0.0.2:80", value]]}),
        ):
            _render(judged, value, data)
    check_with_nginx(judged, nginx)


def _group(upstream: dict[str, Any]) -> dict[str, Any]:
    return {"defaults": "nginx", "upstream": {"harmless": upstream}}


def _render(judged: Judged, value: str, data: dict[str, Any]) -> None:
    """Render for the newest nginx, or see why not."""
    try:
        rendered = render(validate(Cluster, data), NEWEST)
    except ConfigError as refused:
        check_reasons(refused.diagnostics)
        judged.refused += 1
        return
    judged.take(rendered.text)
    judged.read += 1
    judged.cases[value, len(judged.cases)] = Case("upstream.harmless", value, data)


def test_names_of_files_in_the_header(nginx: NginxBinary, hostile: dict[str, list[str]]) -> None:
    """The first line names the cluster's files: whatever these are called, it is one comment and nothing else."""
    cluster = validate(Cluster, {"server": [{"listen": [80], "return": 404}]})
    plain = render(cluster, nginx.target).text
    for value in (*hostile["comment"], *OWN, "x\n; evil on;", "x" * 5000):
        rendered = render(Loaded(cluster, Sources([(SourceFile(value, ""), {})])), nginx.target)
        first, _, rest = rendered.text.partition("\n")
        assert first.startswith("# Made by nginxgen")
        assert first.isascii()
        assert first.isprintable()
        assert len(first) < 1000
        assert rest == plain.partition("\n")[2]
        assert ask_nginx(rendered, nginx).accepted
