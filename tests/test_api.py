"""The library's door: what is in it, clusters made in code, and texts that are proven or refused."""

from __future__ import annotations

import inspect
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest

import nginxgen
from nginxgen import (
    Cluster,
    ConfigError,
    Diagnostic,
    Listen,
    Loaded,
    Location,
    Rendered,
    Server,
    Target,
    Unavailable,
    Upstream,
    check,
    findings,
    load,
    render,
    schema,
    write,
)
from nginxgen.model.block import Block, block_named, is_block, strip_annotated, strip_optional
from nginxgen.proof.binary import NginxBinary
from support.whole import TOML, in_code


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    path = tmp_path / "cluster.toml"
    path.write_text(TOML)
    return load(path)


def test_the_door_holds_what_it_says() -> None:
    assert nginxgen.__all__ == sorted(nginxgen.__all__, key=lambda name: (not name[0].isupper(), name))
    assert len(set(nginxgen.__all__)) == len(nginxgen.__all__)
    for name in nginxgen.__all__:
        one = getattr(nginxgen, name)
        assert inspect.isclass(one) or inspect.isfunction(one), name
        assert inspect.getdoc(one), name


def test_a_star_brings_what_the_door_holds() -> None:
    script = "from nginxgen import *\nprint(*sorted(name for name in dir() if not name.startswith('__')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == sorted(nginxgen.__all__)


def test_the_door_is_opened_when_something_is_asked_for() -> None:
    script = "import sys, nginxgen\nassert 'jinja2' not in sys.modules\nnginxgen.Cluster\nprint(nginxgen.__version__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == nginxgen.__version__


def test_what_is_not_in_it_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        _ = nginxgen.nosuch
    assert not hasattr(nginxgen, "__nosuch__")


def blocks_in(annotation: Any) -> Iterator[type[Block]]:
    inner, _ = strip_annotated(strip_optional(annotation)[0])
    inner = block_named(inner) if isinstance(inner, str) else inner
    if is_block(inner):
        yield inner
    elif get_origin(inner) in (tuple, dict):
        for one in get_args(inner):
            if one is not ...:
                yield from blocks_in(one)


def test_every_class_that_a_cluster_is_made_of_is_in_the_door() -> None:
    found: dict[str, type[Block]] = {}
    waiting: list[type[Block]] = [Cluster]
    while waiting:
        cls = waiting.pop()
        if cls.__name__ in found:
            continue
        choices = cls.__dict__.get("choices")
        if choices:
            waiting += choices.values()
        else:
            found[cls.__name__] = cls
            waiting += [one for field in cls.fields.values() for one in blocks_in(field.annotation)]
    assert set(found) <= set(nginxgen.__all__)
    assert all(getattr(nginxgen, name) is cls for name, cls in found.items())


def test_a_cluster_made_in_code_is_the_one_that_is_loaded(loaded: Loaded) -> None:
    assert in_code() == loaded.cluster


@pytest.mark.parametrize("target", [None, "1.18", "1.22", "1.31.3", "debian-12", "any", Target.parse("1.26")])
def test_it_gives_the_same_text(loaded: Loaded, target: str | Target | None) -> None:
    ours, theirs = render(in_code(), target), render(loaded, target)
    assert ours.text.splitlines()[1:] == theirs.text.splitlines()[1:]
    assert ours.text.splitlines()[0] == theirs.text.splitlines()[0].replace(" from cluster.toml", "")
    assert ours.target == theirs.target
    assert ours.diagnostics == theirs.diagnostics


def test_tables_and_lists_do_as_well_as_classes(loaded: Loaded) -> None:
    assert Cluster(**tomllib.loads(TOML)) == loaded.cluster


MISTAKES = {
    "unknown key": "[http]\ngzipp = true",
    "wrong type": "[http]\ngzip = 'on'",
    "out of range": "[http]\ngzip_comp_level = 12",
    "several": "[http]\ngzip = 1\nnosuch = 2\n[[server]]\nlisten = ['80:80']\n[[server.location]]\nupstream = 'app'",
    "no such group": "[[server]]\nlisten = 80\n[[server.location]]\npath = '/'\nupstream = 'ap'\n[upstream.app]\n"
    "servers = 'a'",
    "two actions": "[[server]]\nlisten = 80\n[[server.location]]\npath = '/'\nreturn = 204\nproxy_pass = 'http://a.b'",
    "two names": "[[server]]\nlisten = 80\nserver_name = 'a'\n[[server]]\nlisten = 80\nserver_name = 'a'",
    "control character": '[[server]]\nlisten = 80\nroot = "/a\\nb"',
    "the target lacks it": "[nginx]\ntarget = '1.22'\n[[server]]\nlisten = 80\nadd_header_inherit = 'merge'",
    "hatch": "[http]\ndirectives = [['proxy_pas', 'a'], ['gzip', 'on']]\n[[server]]\nlisten = 80",
}


def errors(make: Callable[[], object]) -> list[Diagnostic]:
    with pytest.raises(ConfigError) as refused:
        make()
    return sorted(refused.value.diagnostics, key=repr)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_same_mistakes_give_the_same_errors(mistake: str, tmp_path: Path) -> None:
    path = tmp_path / "cluster.toml"
    path.write_text(MISTAKES[mistake])
    from_file = errors(lambda: render(load(path)))
    from_code = errors(lambda: render(Cluster(**tomllib.loads(MISTAKES[mistake]))))
    assert from_file == from_code
    assert all(one.where for one in from_code)


def test_errors_of_a_part_begin_at_that_part() -> None:
    (one,) = errors(lambda: Server(listen=[80, "81:82"]))
    assert (one.code, one.where) == ("NG006", ("listen", 1))
    (one,) = errors(lambda: Location(path="/", return_=9999))
    assert one.where is not None
    assert one.where[0] == "return"
    (one,) = errors(lambda: Upstream(nosuch=1))
    assert (one.code, one.where) == ("NG003", ("nosuch",))


def test_an_error_reads_well_without_a_file() -> None:
    with pytest.raises(ConfigError, match=r'error\[NG003\]: lissen: unknown key "lissen" \(did you mean "listen"\?\)'):
        Server(lissen=80)


def test_blocks_are_frozen() -> None:
    server = Server(listen=80)
    with pytest.raises(AttributeError, match="frozen"):
        server.tls = "a"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del server.listen
    assert server == Server(listen=80)
    assert server.replace(tls="a") == Server(listen=80, tls="a")
    with pytest.raises(TypeError):
        hash(server)


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    return render(in_code(), "1.22")


def test_check_asks_an_nginx(rendered: Rendered, nginx: NginxBinary) -> None:
    verdict = check(rendered, nginx.path)
    assert verdict.accepted
    assert verdict.binary.target == nginx.target
    assert verdict.diagnostics == ()
    with pytest.raises(Unavailable, match="/nosuch does not exist"):
        check(rendered, "/nosuch")


def test_check_finds_an_nginx_by_the_environment(
    rendered: Rendered, nginx: NginxBinary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NGINXGEN_NGINX", nginx.path)
    assert check(rendered).binary.path == nginx.path
    monkeypatch.setenv("NGINXGEN_NGINX", "/nosuch")
    with pytest.raises(Unavailable):
        check(rendered)


def test_origins_lead_from_lines_to_the_cluster(rendered: Rendered) -> None:
    lines = rendered.text.splitlines()

    def origin(words: str) -> object:
        return rendered.origin(1 + next(at for at, line in enumerate(lines) if line.strip() == words))

    assert origin("keepalive 16;") == ("upstream", "app", "keepalive")
    assert origin("gzip on;") == ("http", "gzip")
    assert origin("proxy_pass http://app;") == ("server", 0, "location", 0, "upstream")
    assert origin("return 410;") == ("server", 0, "location", 1, "return")
    assert rendered.origin(0) is None


def test_write(tmp_path: Path, rendered: Rendered) -> None:
    path = tmp_path / "nginx.conf"
    assert write(path, rendered.text) is True
    assert write(str(path), rendered.text) is False
    assert path.read_text() == rendered.text


def test_load_takes_several_files(tmp_path: Path, loaded: Loaded) -> None:
    (tmp_path / "more.toml").write_text("[http]\ngzip = false\n")
    both = load(tmp_path / "cluster.toml", str(tmp_path / "more.toml"))
    assert both.cluster == loaded.cluster.replace(http=loaded.cluster.http.replace(gzip=False))
    assert both.sources.names == [str(tmp_path / "cluster.toml"), str(tmp_path / "more.toml")]


def test_the_schema_is_that_of_the_command() -> None:
    assert schema()["$schema"].endswith("2020-12/schema")


def test_progress_is_told_in_order() -> None:
    told: list[str] = []
    render(in_code(), progress=told.append)
    assert told[0] == "checking"
    assert told[-1] == "proving"


def test_the_same_cluster_gives_the_same_bytes() -> None:
    assert render(in_code()).text == render(in_code()).text


def test_lints_a_rendering_and_a_file(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text("server { location /i { alias /data/i/; } }\n")
    assert [one.code for one in findings(tmp_path / "site.conf") if one.severity == "error"] == ["NG201"]
    cluster = Cluster(defaults="nginx", server=(Server(listen=(Listen(address="8080"),), root="/"),))
    assert "NG214" in {one.code for one in findings(render(cluster))}
