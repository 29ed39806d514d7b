"""What a plan says: each difference once, where it is, and none when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from nginxgen import Cluster, load, render
from nginxgen.apply.dangers import find_dangers
from nginxgen.apply.listeners import addresses_of, is_covered
from nginxgen.change.differences import Change, Side, find_changes, side_of
from nginxgen.change.shown import summary, to_text
from nginxgen.conf.read import read_tree
from nginxgen.conf.target import ANY
from nginxgen.live.sockets import Address
from nginxgen.read import read_cluster

SHOP = """
[upstream.cart]
servers = ["10.0.0.1:8080", { address = "10.0.0.2:8080", weight = 2 }]
[upstream.old]
servers = ["10.0.0.9:8080"]
[[server]]
listen = [80]
server_name = ["shop.example.org"]
[[server.location]]
path = "/cart/"
upstream = "cart"
proxy_read_timeout = "60s"
[[server.location]]
path = "/old/"
upstream = "old"
"""
SHOP_LATER = """
[upstream.cart]
servers = [{ address = "10.0.0.2:8080", weight = 3 }, "10.0.0.3:8080"]
balance = "least_conn"
[[server]]
listen = [80, 8080]
server_name = ["shop.example.org"]
add_header = { X-Frame-Options = "DENY" }
[[server.location]]
path = "/cart/"
upstream = "cart"
proxy_read_timeout = "10m"
proxy_set_header = { X-Shop = "main" }
[[server.location]]
path = "/live"
upstream = "cart"
websocket = true
[[server]]
listen = [80]
server_name = ["www.example.org"]
return = "https://shop.example.org"
"""
PLAN = """\
  main
    + worker_shutdown_timeout 1h
  http
    + map $nginxgen_upgrade
    + map $nginxgen_connection
  upstream cart
    - server 10.0.0.1:8080 max_fails=0
    ~ server 10.0.0.2:8080: weight=2 max_fails=0 → weight=3 max_fails=0
    + server 10.0.0.3:8080 max_fails=0
    + least_conn
  server shop.example.org on 80, 8080
    + listen 8080
    + add_header X-Frame-Options DENY always
    location /cart/
      ~ proxy_read_timeout: 60s → 10m
      + proxy_set_header X-Shop main
    + location /live (proxy_pass http://cart)
    - location /old/ (proxy_pass http://old)
  + server www.example.org on 80 (0 locations)
  - upstream old (1 server)
"""


def side(toml: str, folder: Path) -> Side:
    path = folder / "cluster.toml"
    path.write_text(toml)
    rendered = render(load(path))
    return side_of(rendered.tree, rendered.target, "nginx.conf")


def explicit(toml: str, folder: Path) -> Cluster:
    path = folder / "cluster.toml"
    path.write_text(toml)
    return read_cluster(render(load(path)).tree)


def changes(before: str, after: str, folder: Path) -> list[Change]:
    return find_changes(side(before, folder), side(after, folder))


def test_the_whole_of_a_plan(tmp_path: Path) -> None:
    found = changes(SHOP, SHOP_LATER, tmp_path)
    assert to_text(found) == PLAN
    assert summary(found) == "10 added, 3 removed, 2 changed"


def test_back_again_it_is_the_opposite(tmp_path: Path) -> None:
    forth, back = changes(SHOP, SHOP_LATER, tmp_path), changes(SHOP_LATER, SHOP, tmp_path)
    opposite = {"added": "removed", "removed": "added", "changed": "changed"}
    assert sorted((opposite[one.action], one.kind, one.name) for one in forth) == sorted(
        (str(one.action), one.kind, one.name) for one in back
    )


TINY = "[[server]]\nlisten = [{}]\n{}"


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("", 'allow = ["10.0.0.0/8"]', ["+ access allow 10.0.0.0/8; deny all"]),
        (
            'directives = [["sub_filter", "a", "b"]]',
            'directives = [["sub_filter", "a", "c"]]',
            ["~ sub_filter a: b → c"],
        ),
        (
            "",
            'directives = [["if", ["$request_method", "=", "POST"], [["return", "405"]]]]',
            ["+ if $request_method = POST { return 405; }"],
        ),
        ('add_header = { X-A = "1" }', 'add_header = { X-A = "2" }', ["~ add_header X-A: 1 always → 2 always"]),
        ("gzip = true", "", ["- gzip on"]),
        (
            '[[server.location]]\npath = "~ a"\nreturn = 204\n[[server.location]]\npath = "~ b"\nreturn = 204',
            '[[server.location]]\npath = "~ b"\nreturn = 204\n[[server.location]]\npath = "~ a"\nreturn = 204',
            ["~ order of location: ~ a, ~ b → ~ b, ~ a"],
        ),
    ],
)
def test_single_settings(before: str, after: str, shown: list[str], tmp_path: Path) -> None:
    found = changes(TINY.format(80, before), TINY.format(80, after), tmp_path)
    assert [line.strip() for line in to_text(found).splitlines()][1:] == shown


def test_a_server_is_found_again_by_its_names_and_by_its_sockets(tmp_path: Path) -> None:
    moved = changes(TINY.format(80, 'server_name = ["a"]'), TINY.format(8080, 'server_name = ["a"]'), tmp_path)
    assert {one.kind for one in moved} == {"setting"}
    renamed = changes(TINY.format(80, 'server_name = ["a"]'), TINY.format(80, 'server_name = ["b"]'), tmp_path)
    assert [(one.name, one.before, one.after) for one in renamed] == [("server_name", "a", "b")]


def test_nothing_of_a_value_moves_the_cursor(tmp_path: Path) -> None:
    found = changes(TINY.format(80, "return = [200, 'a']"), TINY.format(80, "return = [200, 'a\u202eb']"), tmp_path)
    assert "\u202e" not in to_text(found)


def test_addresses(tmp_path: Path) -> None:
    found = addresses_of(
        explicit('[[server]]\nlisten = ["8000-8001", "[::]:80", "unix:/run/a", "0.0.0.0:81"]', tmp_path)
    )
    assert set(map(str, found)) == {"*:8000", "*:8001", "[::]:80", "unix:/run/a", "*:81"}
    assert is_covered(Address("tcp", "10.0.0.1", 81), set(found))
    assert not is_covered(Address("tcp", "10.0.0.1", 82), set(found))
    assert not is_covered(Address("tcp", "::1", 81), set(found))


def test_listeners_of_stream_count(tmp_path: Path) -> None:
    toml = '[nginx]\ndirectives = [["stream", [], [["server", [], [["listen", "3306"], ["return", "x"]]]]]]\n'
    assert Address("tcp", "*", 3306) in addresses_of(explicit(toml, tmp_path))


def test_what_an_include_held_is_not_lost_by_mistake(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text("server {\n    listen 80;\n}\n")
    (tmp_path / "types.conf").write_text("types {\n    text/html html;\n}\n")
    text = "events {\n}\nhttp {\n    include *.conf;\n    include types.conf;\n}\n"
    installed = read_cluster(read_tree(text))
    found = list(find_dangers(installed, explicit(TINY.format(80, ""), tmp_path), set(), tmp_path))
    assert [one.message for one in found] == ["what *.conf holds would be gone: servers or upstreams stand there"]


def test_debians_own_file_can_be_compared(tmp_path: Path) -> None:
    text = (
        "user www-data;\nworker_processes auto;\npid /run/nginx.pid;\n"
        "events {\n\tworker_connections 768;\n\t# multi_accept on;\n}\n"
        "http {\n\t##\n\t# Basic Settings\n\t##\n\tsendfile on;\n\ttypes_hash_max_size 2048;\n"
        "\tinclude /etc/nginx/mime.types;\n\tssl_protocols TLSv1.2 TLSv1.3; # Dropping SSLv3\n}\n"
    )
    shown = to_text(find_changes(side_of(read_tree(text), ANY, ""), side(TINY.format(80, ""), tmp_path)))
    assert "- pid /run/nginx.pid" in shown
    assert "+ server (no name) on 80 (0 locations)" in shown
