"""Statements against the facts: names, contexts, numbers of parameters, blocks, versions, modules."""

from __future__ import annotations

import pytest

from nginxgen.conf.grammar import Grammar, inner_context
from nginxgen.conf.read import read_tree
from nginxgen.conf.target import Target
from nginxgen.conf.tree import Directive


def faults(text: str, target: str = "any", context: str = "main") -> list[tuple[str, str, str | None, int]]:
    grammar = Grammar(Target.parse(target))
    found = grammar.check_tree(read_tree(text), context)
    return [(fault.kind, fault.message, fault.help, statement.line) for statement, fault in found]


def test_a_right_file_has_no_fault() -> None:
    text = """
user nobody;
events { worker_connections 10; }
http {
    map $uri $x { default 0; ~^/a 1; hostnames; include x; }
    geo $y { default 0; 10.0.0.0/8 1; }
    types { text/html html htm; }
    split_clients $uri $z { 10% a; * b; }
    log_format main "$uri" "more";
    upstream app { server 127.0.0.1:80 weight=2 max_fails=0; keepalive 3; least_conn; }
    server {
        listen 80 default_server;
        location / { if ($x) { return 404; } limit_except GET { deny all; } proxy_pass http://app; }
        location ~ \\.php$ { fastcgi_pass unix:/run/php.sock; location = /a { internal; } }
    }
}
stream { server { listen 53 udp; proxy_pass 127.0.0.1:53; } }
""".replace("\\\\.php", '"\\\\.php"').replace("~ \\.php$", '~ "\\\\.php$"')
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("proxy_pas http://a;", "unknown", "nginx has no directive proxy_pas"),
        ("return 200;", "context", "return is not allowed in main"),
        ("http { proxy_pass http://a; }", "context", "proxy_pass is not allowed in http"),
        ("http { server { listen; } }", "arguments", "listen does not take 0 parameters"),
        ("worker_connections 5;", "context", "worker_connections is not allowed in main"),
        ("pid a b;", "arguments", "pid does not take 2 parameters"),
        ("events;", "block", "events takes a block"),
        ("pid a { }", "block", "pid takes no block"),
        ("http { gzip yes; }", "arguments", "gzip is on or off, not 'yes'"),
        ("http { status_zone a; }", "commercial", "open-source nginx has no status_zone"),
        ("http { server { location / { internal on; } } }", "arguments", "internal does not take 1 parameter"),
        ("http { upstream { } }", "arguments", "upstream does not take 0 parameters"),
        ("http { upstream a { serer b; } }", "unknown", "nginx has no directive serer"),
        ("http { server { if ($a) { proxy_pass http://a; } } }", "context", "not allowed in if in server"),
        ("stream { server { proxy_set_header a b; } }", "context", "not allowed in stream server"),
    ],
)
def test_a_fault(text: str, kind: str, told: str) -> None:
    ((found, message, _, _),) = faults(text)
    assert found == kind
    assert told in message


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("proxy_pas a;", "did you mean proxy_pass?"),
        ("return 200;", "it stands in: if in location, if in server, location, server"),
        ("http { status_zone a; }", "it belongs to the commercial NGINX Plus"),
        ("zzzzzzzz a;", "a module's directive needs load_module in [nginx]"),
    ],
)
def test_what_to_do(text: str, help: str) -> None:
    ((_, _, found, _),) = faults(text)
    assert found
    assert found.startswith(help)


def test_the_syntax_is_told() -> None:
    ((_, message, help, _),) = faults("http { client_max_body_size; }", "1.22")
    assert message == "client_max_body_size does not take 0 parameters in nginx 1.22"
    assert help
    assert "client_max_body_size size" in help


def test_every_fault_is_found_with_its_line() -> None:
    text = (
        "nosuch a;\nevents {\n    nosuch b;\n}\nhttp {\n    server {\n        lissen 80;\n        return;\n    }\n}\n"
    )
    assert [(kind, line) for kind, _, _, line in faults(text)] == [
        ("unknown", 1),
        ("unknown", 3),
        ("unknown", 7),
        ("arguments", 8),
    ]


@pytest.mark.parametrize(
    ("target", "text", "told"),
    [
        ("1.18", "http { server { http2 on; } }", "http2 is in nginx since 1.25.1"),
        ("any", "http { server { http2 on; } }", "http2 is in nginx since 1.25.1"),
        ("1.29", "http { upstream a { sticky cookie a; } }", "sticky is in nginx since 1.29.6"),
        ("1.26", "http { ssl on; }", "ssl was removed in nginx 1.25.1"),
        ("1.22", "http { upstream a { keepalive 8 local; } }", "keepalive does not take 2 parameters in nginx 1.22"),
    ],
)
def test_versions(target: str, text: str, told: str) -> None:
    ((_, message, _, _),) = faults(text, target)
    assert told in message


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("1.25.1", "http { server { http2 on; } }"),
        ("1.30", "http { upstream a { sticky cookie a; } }"),
        ("1.18", "http { ssl on; }"),
        ("1.29.7", "http { upstream a { keepalive 8 local; } }"),
    ],
)
def test_versions_that_have_it(target: str, text: str) -> None:
    assert faults(text, target) == []


def test_a_binary_without_the_module() -> None:
    target = Target.from_banner("nginx version: nginx/1.22.1\nconfigure arguments: --with-http_ssl_module\n")
    fault = Grammar(target).check(Directive("stub_status"), "location")
    assert fault
    assert (fault.kind, "ngx_http_stub_status_module" in fault.message) == ("module", True)
    assert Grammar(target).check(Directive("ssl_ciphers", ("a",)), "server") is None


def test_a_binary_with_modules_of_others_may_know_more() -> None:
    banner = "nginx version: nginx/1.22.1\nconfigure arguments: --add-module=../echo\n"
    fault = Grammar(Target.from_banner(banner)).check(Directive("echo", ("a",)), "location")
    assert fault
    assert fault.kind == "foreign"


@pytest.mark.parametrize(
    ("name", "context", "inner"),
    [
        ("http", "main", "http"),
        ("server", "http", "server"),
        ("server", "stream", "stream server"),
        ("upstream", "stream", "stream upstream"),
        ("if", "location", "if in location"),
        ("if", "server", "if in server"),
        ("location", "location", "location"),
        ("limit_except", "location", "limit_except"),
    ],
)
def test_contexts_inside_blocks(name: str, context: str, inner: str) -> None:
    assert inner_context(name, context) == inner
