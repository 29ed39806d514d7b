"""Files laid over each other: tables merge, lists are replaced, and every message shows the file that said it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nginxgen import Cluster, ConfigError, Loaded, load, render
from nginxgen.report import to_text

BASE = """\
defaults = "nginx"
[http]
gzip = true
gzip_types = ["text/css", "text/plain"]
server_tokens = "off"
[http.types]
"text/html" = ["html", "htm"]
"text/css" = "css"
[upstream.app]
servers = ["10.0.0.1:80", "10.0.0.2:80"]
balance = { method = "hash", key = "$uri", consistent = true }
[[server]]
listen = [80]
server_name = ["base.example"]
[[server.location]]
path = "/"
upstream = "app"
"""


def loaded(folder: Path, *texts: str) -> Loaded:
    names = []
    for at, text in enumerate(texts):
        name = folder / f"{at}.{'json' if text.lstrip().startswith('{') else 'toml'}"
        name.write_text(text)
        names.append(name)
    return load(*names)


def laid(folder: Path, *texts: str) -> Cluster:
    return loaded(folder, *texts).cluster


def test_tables_merge(tmp_path: Path) -> None:
    http = laid(tmp_path, BASE, '[http]\ngzip = false\n[http.types]\n"text/html" = "html"\n"a/b" = "ab"\n').http
    assert http.gzip is False
    assert http.server_tokens == "off"
    assert http.types == {"text/html": ("html",), "text/css": ("css",), "a/b": ("ab",)}


def test_lists_are_replaced(tmp_path: Path) -> None:
    cluster = laid(tmp_path, BASE, '[upstream.app]\nservers = ["10.0.0.9:80"]\n[[server]]\nlisten = 81\n')
    assert [one.address for one in cluster.upstream["app"].servers] == ["10.0.0.9:80"]
    (server,) = cluster.server
    assert (server.listen[0].address, server.server_name, server.location) == ("81", (), ())


def test_a_value_replaces_a_table_and_a_table_a_value(tmp_path: Path) -> None:
    one = '[upstream.app]\nbalance = "least_conn"\n'
    assert laid(tmp_path, BASE, one) == laid(
        tmp_path,
        BASE.replace('{ method = "hash"', '{ method = "least_conn"').replace(', key = "$uri", consistent = true', ""),
    )
    back = '[upstream.app]\nbalance = { method = "hash", key = "$uri", consistent = true }\n'
    assert laid(tmp_path, BASE, one, back) == laid(tmp_path, BASE)


def test_tables_merge_within_a_record(tmp_path: Path) -> None:
    balance = laid(tmp_path, BASE, '[upstream.app.balance]\nkey = "$host"\n').upstream["app"].balance
    assert balance is not None
    assert balance.words() == ["$host", "consistent"]


def test_the_last_file_has_the_last_word(tmp_path: Path) -> None:
    assert laid(tmp_path, BASE, "[http]\ngzip = false", "[http]\ngzip = true").http.gzip is True


def test_one_file_over_itself_changes_nothing(tmp_path: Path) -> None:
    assert laid(tmp_path, BASE, BASE) == laid(tmp_path, BASE)


def test_toml_and_json_may_be_mixed(tmp_path: Path) -> None:
    cluster = laid(tmp_path, BASE, '{"http": {"gzip": false}}', "[http]\nserver_tokens = 'on'")
    assert (cluster.http.gzip, cluster.http.server_tokens) == (False, "on")


def test_parts_of_a_cluster_may_stand_in_files_of_their_own(tmp_path: Path) -> None:
    http, upstream, servers = BASE.partition("[upstream")[0], "[upstream" + BASE.partition("[upstream")[2], ""
    upstream, _, servers = upstream.partition("[[server]]")
    assert laid(tmp_path, http, upstream, "[[server]]" + servers) == laid(tmp_path, BASE)


def shown(folder: Path, *texts: str) -> str:
    with pytest.raises(ConfigError) as refused:
        render(loaded(folder, *texts))
    return to_text(refused.value.diagnostics, refused.value.sources).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("above", "places"),
    [
        ("[http]\ngzip = 1", ["1.toml:2:8"]),
        ("\n[http]\ngzipp = true", ["1.toml:3:1"]),
        ('{"http": {\n "gzip": 1}}', ["1.json:2:10"]),
        ('[upstream.app]\nservers = [\n"10.0.0.3",\n"10.0.0.4:0"]', ["1.toml:4:1"]),
        ('[upstream.app]\nbalance = "least_con"', ["1.toml:2:11"]),
        ('[upstream.app.balance]\nmethod = "least_conn"', ["0.toml:11:"]),
        ("[[server]]\nlisten = 81\n[[server.location]]\npath = '/'\nupstream = 'ap'", ["1.toml:5:12", "0.toml:9:1"]),
        ("[upstream.App]\nservers = '10.0.0.5'", ["1.toml:1:1", "0.toml:9:1"]),
        ("[http]\nlog_format = { main = '$urii' }", ["1.toml:2:"]),
    ],
)
def test_messages_show_the_file_that_said_it(tmp_path: Path, above: str, places: list[str]) -> None:
    text = shown(tmp_path, BASE, above)
    for place in places:
        assert place in text, text


def test_a_mistake_below_is_shown_below(tmp_path: Path) -> None:
    wrong = BASE.replace('"10.0.0.2:80"', '"10.0.0.2:0"')
    text = shown(tmp_path, wrong, "[upstream.app]\nkeepalive = 4\n[http]\ngzip = false\n")
    assert "0.toml:10:27" in text
    assert laid(tmp_path, wrong, '[upstream.app]\nservers = ["10.0.0.9:80"]').upstream["app"].servers


def test_mistakes_of_several_files_are_told_at_once(tmp_path: Path) -> None:
    text = shown(tmp_path, BASE.replace("gzip = true", "gzip = 1"), "[upstream.app]\nkeepalive = -1\n", "nosuch = 1\n")
    assert "0.toml:3:8" in text
    assert "1.toml:2:13" in text
    assert "2.toml:1:1" in text


def test_what_a_list_replaced_is_not_shown(tmp_path: Path) -> None:
    """The second list's elements stand where the second list stands, though the first one has more."""
    text = shown(tmp_path, BASE, '# a\n# b\n[upstream.app]\nservers = ["10.0.0.3:0"]')
    assert "1.toml:4:12" in text
    assert "0.toml" not in text
