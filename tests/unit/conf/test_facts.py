"""The tables that ship: made from their sources, whole, and at one with every field of the model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nginxgen.conf.facts import (
    _ARITY,
    FREE_FORM,
    directive_names,
    distributions,
    forms,
    forms_in,
    is_commercial,
    variable_prefixes,
    variables,
)
from nginxgen.conf.facts.build import build
from nginxgen.conf.version import NEWEST, OLDEST, Version
from nginxgen.model.block import Block, Role, registered_blocks
from nginxgen.model.cluster import Cluster
from nginxgen.model.codec import codecs
from nginxgen.model.walk import CONTEXTS
from nginxgen.proof.binary import NginxBinary, run

CONTEXT_NAMES = {
    *("any", "main", "events", "http", "server", "location", "upstream", "if in server", "if in location"),
    *("limit_except", "stream", "stream server", "stream upstream", "mail", "mail server", "mgmt"),
    *("map", "geo", "types", "split_clients", "charset_map", "match"),
}


def test_directives_are_built_from_the_shared_table(shared: Path) -> None:
    collection = json.loads((shared / "facts" / "nginx_directives.json").read_text(encoding="utf-8"))
    shipped = json.loads((Path(build.__code__.co_filename).with_name("directives.json")).read_text(encoding="utf-8"))
    assert build(collection) == shipped


def test_the_shared_table_is_not_changed_by_building(shared: Path) -> None:
    text = (shared / "facts" / "nginx_directives.json").read_text(encoding="utf-8")
    collection = json.loads(text)
    build(collection)
    assert collection == json.loads(text)


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([{"args": 1}], [{"args": 1}]),
        ([{"args": 1}, {"args": 2, "from": "1.20.0"}], [{"args": 1}, {"args": 2, "from": "1.20.0"}]),
        ([{"args": 1}, {"args": 2, "from": "1.15.0"}], [{"args": 2}]),
        ([{"args": 1}, {"removed": True, "from": "1.15.0"}], None),
        ([{"args": 1}, {"removed": True, "from": "1.25.1"}], [{"args": 1}, {"removed": True, "from": "1.25.1"}]),
        ([{"args": 1, "from": "1.15.0"}, {"args": 2, "from": "1.16.0"}, {"args": 3, "from": "1.19.0"}],
         [{"args": 2}, {"args": 3, "from": "1.19.0"}]),
        ([{"args": 1, "from": "1.27.3"}], [{"args": 1, "from": "1.27.3"}]),
    ],
)  # fmt: skip
def test_what_fell_away_before_the_oldest_is_dropped(
    rows: list[dict[str, object]], kept: list[dict[str, object]] | None
) -> None:
    table = {"directives": {"a": [{"module": "m", "forms": rows}]}, "documented_but_not_in_open_source_core": ["b"]}
    expected = {} if kept is None else {"a": [{"module": "m", "forms": kept}]}
    assert build(table) == {"commercial": ["b"], "directives": expected}


def test_there_are_hundreds_of_directives() -> None:
    assert len(directive_names()) > 600
    assert {"proxy_pass", "listen", "sticky", "least_time", "http2", "ssl_reject_handshake"} <= set(directive_names())


def test_every_form_is_whole() -> None:
    for name in directive_names():
        for form in forms(name):
            assert form.contexts, name
            assert form.contexts <= CONTEXT_NAMES, (name, form.contexts - CONTEXT_NAMES)
            assert form.args, name
            assert set(form.args) <= set(_ARITY), name
            assert form.module.startswith("ng"), name
            assert form.since is None or OLDEST < form.since <= NEWEST, name
            assert form.until is None or (form.since or OLDEST) < form.until <= NEWEST, name


def test_at_any_version_a_directive_has_one_form_in_a_context() -> None:
    for name in directive_names():
        starts = {form.since or OLDEST for form in forms(name)}
        for version in {OLDEST, NEWEST, *starts}:
            for context in {place for form in forms(name) for place in form.contexts}:
                held = [form for form in forms_in(name, context) if form.holds(version)]
                assert len({one.module for one in held}) == len(held), (name, context, version)


def test_what_is_commercial_is_not_in_open_source() -> None:
    assert is_commercial("status_zone")
    assert not is_commercial("proxy_pass")
    assert not [name for name in directive_names() if is_commercial(name) and not forms(name)]


def test_variables_and_prefixes() -> None:
    assert {"uri", "host", "remote_addr", "request_port", "http_host"} - set(variables()) <= {"http_host"}
    assert {"http_", "arg_", "cookie_", "upstream_http_", "sent_http_"} <= set(variable_prefixes())
    for name, row in {**variables(), **variable_prefixes()}.items():
        assert name == name.lower()
        assert "from" not in row or OLDEST < Version.parse(row["from"]) <= NEWEST


def test_distributions_name_versions() -> None:
    assert all(Version.parse(version) for version in distributions().values())
    assert all(name == name.lower() for name in distributions())


def context_fields() -> Iterator[tuple[type[Block], str, str]]:
    """Every directive that a field of the model stands for, with its context."""
    for cls, context in CONTEXTS.items():
        for name, codec in codecs(cls).items():
            if name != "directives":
                yield from ((cls, context, directive) for directive in codec.names)


@pytest.mark.parametrize("cls", CONTEXTS, ids=lambda cls: cls.__name__)
def test_every_directive_of_the_model_is_one_of_nginx(cls: type[Block]) -> None:
    fields = [(context, directive) for owner, context, directive in context_fields() if owner is cls]
    assert fields
    for context, directive in fields:
        found = forms_in(directive, context)
        assert found, f"{directive} does not stand in {context}"
        assert any(form.holds(NEWEST) for form in found), f"{directive} is gone from nginx {NEWEST}"
        assert not any(form.block for form in found), f"{directive} is a block"


def test_every_field_is_described_in_a_sentence() -> None:
    for cls in registered_blocks().values():
        assert cls.__doc__, cls.__name__
        for field in cls.fields.values():
            doc = field.declared.doc
            assert doc.endswith((".", "….")), f"{cls.__name__}.{field.name}: {doc!r}"
            assert len(doc) < 120, f"{cls.__name__}.{field.name}"


def test_every_directive_has_one_field() -> None:
    for cls in CONTEXTS:
        names = [name for codec in codecs(cls).values() for name in codec.names]
        assert len(names) == len(set(names)), cls.__name__


def test_keys_are_nginxs_own_words() -> None:
    """A key that stands for a directive has its name; the others are plurals, or two directives in one list."""
    others = {
        (cls.__name__, field.key, field.word)
        for cls in CONTEXTS
        for field in cls.fields.values()
        if field.declared.role is Role.DIRECTIVE and field.key != field.word
    }
    assert others == {("Upstream", "servers", "server")}


def test_free_form_blocks_are_in_the_table() -> None:
    assert all(any(form.block for form in forms(name)) for name in FREE_FORM)


def test_every_key_of_a_cluster_is_reachable_from_its_root() -> None:
    assert set(Cluster.fields) == {"defaults", "nginx", "http", "upstream", "tls", "server", "test", "lint"}


def _directives_by_context() -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for _, context, directive in context_fields():
        found.setdefault(context, []).append((directive, 0))
    return found


@pytest.mark.parametrize("context", sorted({context for _, context, _ in context_fields()}))
def test_a_real_nginx_knows_every_directive_where_the_table_says(
    context: str, nginx: NginxBinary, tmp_path: Path
) -> None:
    """Each alone, without parameters: nginx may refuse their number, never the name or the place."""
    around = {
        "main": "{0}\nevents {{}}",
        "events": "events {{ {0} }}",
        "http": "events {{}} http {{ {0} }}",
        "server": "events {{}} http {{ server {{ {0} }} }}",
        "location": "events {{}} http {{ server {{ location / {{ {0} }} }} }}",
        "upstream": "events {{}} http {{ upstream a {{ {0} }} }}",
    }[context]
    file = tmp_path / "nginx.conf"
    wrong = []
    for directive, _ in _directives_by_context()[context]:
        form = nginx.target.find(directive, context)
        if form is None:
            continue
        file.write_text(around.format(f"{directive};"))
        said = run([nginx.path, "-t", "-e", "stderr", "-p", str(tmp_path), "-c", str(file)], 20)
        if f'unknown directive "{directive}"' in said or f'"{directive}" directive is not allowed here' in said:
            wrong.append((directive, said))
    assert wrong == []
