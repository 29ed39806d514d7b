"""``nginxgen schema``: a JSON Schema by which editors take every right file and refuse wrong ones."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from support.command import HELLO, nginxgen

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/*.toml"))


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    done = nginxgen("schema")
    assert (done.code, done.err) == (0, "")
    printed: dict[str, Any] = json.loads(done.out)
    return printed


@pytest.fixture(scope="module")
def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema)


def test_is_a_json_schema(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [one for inner in value.values() for one in references(inner)]
        return [one for inner in value for one in references(inner)] if isinstance(value, list) else []

    found = set(references(schema))
    assert found == {f"#/$defs/{name}" for name in schema["$defs"]}


def test_every_key_is_described(schema: dict[str, Any]) -> None:
    for name, block in {"Cluster": schema, **schema["$defs"]}.items():
        for key, said in block.get("properties", {}).items():
            assert said.get("description") or "const" in said, f"{name}.{key}"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_takes_the_examples(validator: Draft202012Validator, path: Path) -> None:
    errors = [one.message for one in validator.iter_errors(tomllib.loads(path.read_text(encoding="utf-8")))]
    assert errors == []


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize(
    "text",
    [
        "[[server]]\nlisten = 80",
        "[[server]]\nlisten = '80'",
        "[[server]]\nlisten = { address = 80, ssl = true }",
        "[[server]]\nlisten = ['[::]:80', 8080]",
        "[[server]]\nreturn = 204",
        "[[server]]\nreturn = [301, '/x']",
        "[[server]]\nadd_header = { X-A = 'b', X-C = { value = 'd', always = false } }",
        "[[server]]\nadd_header = [{ name = 'X-A', value = 'b' }]",
        "[[server.location]]\npath = '/'\nproxy_redirect = 'off'",
        "[[server.location]]\npath = '/'\nproxy_redirect = false",
        "[[server.location]]\npath = '/'\nproxy_redirect = [['a', 'b'], ['c', 'd']]",
        "[[server.location]]\npath = '/'\nproxy_buffers = [8, '4k']",
        "[[server]]\ndirectives = [['msie_padding', true], ['if', ['($a)'], [['return', 1]]]]",
        "[http.log_format]\nmain = '$uri'\njson = { json = { a = '$uri' } }",
        "[http]\naccess_log = false\nkeepalive_timeout = 65\nresolver = ['127.0.0.1']",
        "[[http.map]]\nsource = '$a'\nvariable = '$b'\nentries = { x = 'y' }",
        "[[http.map]]\nsource = '$a'\nvariable = '$b'\nentries = [{ key = 'x', value = 'y' }]",
        "[upstream.a]\nservers = 'a'\nbalance = 'least_conn'\nzone = false\nkeepalive = false",
        "[upstream.a]\nservers = ['a', { address = 'b', weight = 2 }]\nbalance = { method = 'hash', key = '$uri' }",
        "[upstream.a]\nservers = 'a'\nzone = true\nsticky = { method = 'cookie', name = 'a' }",
        "[tls.a]\ncertificate = '/a'\ncertificate_key = ['/b']\nhsts = true",
    ],
)
def test_takes_short_forms_as_loading_does(validator: Draft202012Validator, text: str, tmp_path: Path) -> None:
    from nginxgen import load

    path = tmp_path / "cluster.toml"
    path.write_text(text)
    load(path)
    assert [one.message for one in validator.iter_errors(tomllib.loads(text))] == []


@pytest.mark.parametrize(
    "text",
    [
        "nosuch = 1",
        "server = 1",
        "defaults = 'none'",
        "[http]\nsendfile = 'on'",
        "[http]\nlissen = 1",
        "[http]\nclient_max_body_size = '16q'",
        "[http]\ngzip_comp_level = 10",
        "[nginx.events]\nworker_connections = 'many'",
        "[[server.location]]\nupstream = 'app'",
        "[[server.location]]\npath = 1",
        "[upstream.a]\nbalance = 'nosuch'",
        "[upstream.a]\nbalance = 'hash'",
        "[upstream.a]\nbalance = { method = 'hash' }",
        "[upstream.a]\nservers = [{ weight = 2 }]",
        "[upstream.a]\nservers = [{ address = 'a', weight = 0 }]",
        "[tls.a]\ncertificate = '/a'",
        "[[server]]\nlisten = [true]",
        "[[server.location]]\npath = '/'\nproxy_buffers = { number = 8 }",
    ],
)
def test_refuses_what_loading_refuses(validator: Draft202012Validator, text: str, tmp_path: Path) -> None:
    from nginxgen import ConfigError, load

    path = tmp_path / "cluster.toml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        load(path)
    assert list(validator.iter_errors(tomllib.loads(text))), "an editor would let this pass"


def test_takes_the_least_file(validator: Draft202012Validator) -> None:
    assert list(validator.iter_errors(tomllib.loads(HELLO))) == []
