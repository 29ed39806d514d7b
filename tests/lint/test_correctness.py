"""The rules of correctness beside their own examples: where they fire, and what they leave alone."""

from __future__ import annotations

import pytest

from nginxgen.conf.target import ANY, Target
from nginxgen.diagnostic import Spot
from nginxgen.foreign import parse_text
from nginxgen.lint.rule import Rule, Subject
from nginxgen.lint.rules import RULES

NEW, OLD = Target.parse("1.31"), Target.parse("1.22")
KEPT = "upstream u { server 127.0.0.1:1; keepalive 4; } "
UPGRADE = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; "


def whole(text: str) -> str:
    return "events { } http { " + text + " }"


def words(code: str, text: str, target: Target = ANY) -> list[str]:
    """The words at which a rule fires."""
    found = list(RULES[code].look(Subject(parse_text(text), target)))
    return [one.where.file.text[slice(*one.where.span)] for one in found if isinstance(one.where, Spot)]


FIRES = [
    ("NG101", "http { grpc_set_header A 1; server { grpc_set_header B 2; } }", "grpc_set_header B 2"),
    ("NG102", "server { proxy_hide_header A; location / { proxy_hide_header B; } }", "proxy_hide_header B"),
    (
        "NG103",
        KEPT + 'server { location / { proxy_pass http://u; proxy_set_header Connection ""; proxy_http_version 1.0; } }',
        "http://u",
    ),
    ("NG103", KEPT + "server { location / { proxy_pass http://u; proxy_set_header Host a; } }", "http://u"),
    ("NG105", "location / { proxy_pass http://b; proxy_set_header Connection Upgrade; }", "Upgrade"),
    ("NG106", whole("server { location / { proxy_pass http://127.0.0.1:1; " + UPGRADE + "} }"), "Upgrade"),
    ("NG108", "location @name { proxy_pass http://b/; }", "http://b/"),
    ("NG108", "location / { if ($arg_a) { proxy_pass http://b/x; } }", "http://b/x"),
    ("NG108", "location ~*\\.a$ { proxy_pass http://b/x; }", "http://b/x"),
    ("NG109", "location /api { proxy_pass http://b/; }", "http://b/"),
    ("NG109", "location / { proxy_pass http://b/v1; }", "http://b/v1"),
    ("NG110", "location / { proxy_pass $scheme://$host:81/; }", "$scheme://$host:81/"),
    ("NG113", "location ~ ^/ { } location ~ \\.php$ { }", "\\.php$"),
    ("NG113", "location /api/v1/ { } location ~ ^/api { return 404; }", "/api/v1/"),
    ("NG113", "location ~ ^/api/(.*)$ { } location ~ ^/api/v1/[0-9]+$ { }", "^/api/v1/[0-9]+$"),
    ("NG113", "location ~* \\.(png|jpg)$ { } location ~ \\.PNG$ { }", "\\.PNG$"),
    ("NG113", "location ~* \\.php$ { } location ~ \\.php$ { return 404; }", "\\.php$"),
    ("NG114", "location api/ { }", "api/"),
    ("NG114", "location /a%20b { }", "/a%20b"),
    ("NG114", "location /find?q=1 { }", "/find?q=1"),
    ("NG114", "location ~ \\.php$/ { }", "\\.php$/"),
    ("NG114", "server { rewrite ^old/(.*) /new/$1; }", "^old/(.*)"),
    ("NG116", "server { listen *:80; server_name A; } server { server_name a; }", "a"),
    ("NG118", whole("server { location / { proxy_pass http://$host; } }"), "http://$host"),
    ("NG118", whole("map $arg_a $b { default one.example; } server { location / { grpc_pass $b; } }"), "$b"),
    ("NG119", "location / { proxy_pass https://api.example/x; }", "https://api.example/x"),
    ("NG119", "stream { upstream u { server db.example:1; } }", "db.example:1"),
    ("NG120", "upstream u { server 127.0.0.1; keepalive 2; least_conn; }", "least_conn"),
    ("NG122", "upstream u { server 127.0.0.1 down; }", "u"),
    ("NG122", "upstream u { }", "u"),
    ("NG123", "upstream u { server unix:/a fail_timeout=3s; }", "fail_timeout=3s"),
    ("NG127", whole("proxy_next_upstream_timeout 30;"), "30"),
    ("NG130", "location / { try_files $uri @b; grpc_pass grpc://b; }", "try_files $uri @b"),
    ("NG131", "location / { try_files $uri =404 /index.html; }", "=404"),
    ("NG131", "location / { try_files $uri 404; }", "404"),
    ("NG131", "location / { try_files $uri index.php?q=$uri; }", "index.php?q=$uri"),
    ("NG132", "server { error_page 404 @gone; location @gon { } }", "@gone"),
    ("NG133", "server { return 404; set $a 1; }", "set"),
    (
        "NG134",
        "server { rewrite ^ https://a.example$request_uri permanent; location = /x { } }",
        "rewrite ^ https://a.example$request_uri permanent",
    ),
    ("NG135", "server { location / { rewrite ^ /index.html; } }", "/index.html"),
    ("NG138", 'location / { expires max; add_header Cache-Control "public, max-age=60"; }', '"public, max-age=60"'),
    ("NG141", "server { if ($host = ^www) { return 403; } }", "^www)"),
    ("NG142", "server { return 301 https://$server_name/; }", "https://$server_name/"),
    ("NG142", "server { server_name ~^a; return 301 https://${server_name}/; }", "https://${server_name}/"),
    ("NG143", "location ~* .(gif|png)$ { }", ".(gif|png)$"),
    ("NG145", "location ^~ /img { root /srv/img/; }", "/srv/img/"),
]


@pytest.mark.parametrize(("code", "text", "word"), FIRES, ids=lambda value: str(value)[:40])
def test_fires_at_the_word(code: str, text: str, word: str) -> None:
    assert words(code, text) == [word]


SILENT = [
    ("NG101", "location / { proxy_set_header A 1; } location /b { proxy_set_header B 1; }", "each has its own"),
    ("NG103", KEPT + "server { location / { proxy_pass http://u; } }", "http around it may say both"),
    (
        "NG103",
        KEPT + "server { include more; location / { proxy_pass http://u; proxy_http_version 1.1; } }",
        "the include may set Connection",
    ),
    (
        "NG103",
        KEPT + "server { location / { proxy_pass http://u; proxy_http_version 2; } }",
        "HTTP/2 has no Connection",
    ),
    (
        "NG104",
        "map $http_upgrade $c { default upgrade; '' close; } server { location / { proxy_pass http://b; "
        "proxy_set_header Connection $c; } }",
        "nothing is kept",
    ),
    ("NG105", "location / { include x; proxy_pass http://b; proxy_set_header Upgrade a; }", "the include may set it"),
    ("NG105", 'location / { proxy_pass http://b; proxy_set_header Upgrade ""; }', "no Upgrade is sent"),
    ("NG107", "server { location / { proxy_pass http://b; " + UPGRADE + "} }", "http around it may say it"),
    ("NG109", "location /a/ { rewrite ^/a(.*) /b$1 break; proxy_pass http://b/x; }", "the rewrite chooses the path"),
    ("NG109", "location = /a { proxy_pass http://b/; }", "one path only"),
    ("NG109", "location /a/ { proxy_pass http://b/x.php?p=; }", "an argument takes the rest"),
    ("NG110", "location = /a { proxy_pass http://$b/x; }", "one path only"),
    ("NG110", "location /auth { internal; proxy_pass http://$b/verify; }", "one path only"),
    ("NG110", "location / { proxy_pass http://$b$request_uri; }", "the request's own path"),
    ("NG111", "location / { try_files $uri =404; if ($arg_a) { return 403; } }", "the request ends there"),
    (
        "NG112",
        "location / { if ($request_method = GET) { expires 1d; } if ($request_method = POST) { expires 2d; } }",
        "never both",
    ),
    ("NG112", "location / { if ($arg_a) { add_header A 1; return 204; } if ($arg_b) { add_header B 1; } }", "ends"),
    ("NG113", "location ^~ /api/v1/ { } location ~ ^/api { return 404; }", "it goes before regular expressions"),
    ("NG113", "location /api/ { } location ~ ^/api/v1/ { }", "others below /api/ remain"),
    ("NG113", "location ~ ^/api/v1$ { } location ~ ^/api/v1/x { }", "the first one matches one path"),
    ("NG113", "location ~ ^/api/v1/ { } location ~ ^/api/v1/?x { }", "the last slash is asked for"),
    ("NG113", "location ~ ^/api { } location ~ ^/api|^/x { }", "the second one has more"),
    ("NG113", "location ~ \\.(png|jpg)$ { } location ~* \\.png$ { }", "it has .PNG left"),
    ("NG113", "location ~ \\.(png|jpg)$ { } location ~ \\.(png|gif)$ { }", "it has .gif left"),
    ("NG113", "location ^~ /a/ { } location = /b { } location @c { } location ~ .* { }", "they go before it"),
    ("NG113", "location /a/ { location ~ x { } } location ~ .* { }", "its own regular expression goes before it"),
    ("NG114", "location ~ ^(/a|b) { } location ~ a?/x$ { } location PATH { } location {{ path }} { }", "may match"),
    ("NG114", "location ~ ^a?/b { } location ~ [$]x { } location ~ ^/a$|b$ { }", "may match"),
    ("NG116", "server { listen 80; server_name a; } server { listen 81; server_name a; }", "other sockets"),
    ("NG116", "server { listen 80; include x; } server { listen 80; }", "the include may name it"),
    ("NG117", "server { server_name a; } server { server_name b; }", "another file may have the default"),
    (
        "NG118",
        whole("upstream u { server 127.0.0.1; } server { set $a u; location / { proxy_pass http://$a; } }"),
        "a group",
    ),
    ("NG118", whole("server { location / { proxy_pass http://127.0.0.1:$arg_port; } }"), "an address"),
    ("NG118", "server { location / { proxy_pass http://$host; } }", "http around it may have one"),
    ("NG119", "location / { proxy_pass http://backend; }", "another file may have the group"),
    ("NG119", "upstream u { server localhost:1; server 127.0.0.1; server [::1]:2; server unix:/a; }", "no names"),
    ("NG122", "upstream u { include servers; }", "the include may have them"),
    ("NG122", "upstream u { server 127.0.0.1 down; server 127.0.0.2 backup; }", "the backup answers"),
    ("NG123", "upstream u { server a.example max_fails=3; }", "a name may have two addresses"),
    ("NG124", "upstream u { server 127.0.0.1; server 127.0.0.1:81; server 127.0.0.1 down; }", "not the same"),
    ("NG125", "worker_processes 1; http { upstream u { server 127.0.0.1 max_conns=2; } }", "one worker"),
    ("NG127", "server { proxy_next_upstream_timeout 30; }", "http around it may say less"),
    (
        "NG128",
        whole(
            "upstream u { server 127.0.0.1; } map $host $b { default u; } server { location / "
            "{ proxy_pass http://$b; } }"
        ),
        "a map names it",
    ),
    (
        "NG128",
        whole("upstream u { server 127.0.0.1; } server { location / { proxy_pass http://$host; } }"),
        "a request may name it",
    ),
    ("NG128", whole("upstream u { server 127.0.0.1; } include sites; "), "the include may name it"),
    (
        "NG129",
        whole("upstream app1 { server 127.0.0.1; } server { location / { proxy_pass http://app2; } }"),
        "a host beside it",
    ),
    ("NG130", "location ~ \\.php$ { try_files $uri =404; fastcgi_pass 127.0.0.1:1; }", "as it should be"),
    ("NG131", "location / { try_files $uri.php $uri/ @b; } location /b { try_files /x $uri.html; }", "may lead on"),
    ("NG132", "location / { try_files $uri @b; }", "the server is not in sight"),
    ("NG132", "server { location / { try_files $uri @b; } include more; }", "the include may have it"),
    ("NG133", "server { if ($arg_a) { return 403; } set $b 1; }", "only where the if holds"),
    ("NG134", "server { error_page 503 @m; return 503; location @m { } }", "error_page leads there"),
    ("NG135", "server { location / { rewrite ^ /index.php last; } location ~ \\.php$ { } }", "leads elsewhere"),
    ("NG135", "server { location / { rewrite ^/(a.*) /b/$1 last; } }", "matches once"),
    ("NG136", "server { location / { proxy_pass http://b; sub_filter a b; } }", "http around it may set the header"),
    ("NG138", 'location / { expires 30d; add_header Cache-Control "public"; }', "they agree"),
    ("NG139", "location ~ ^/a.*\\.js$ { alias /srv/a.js; }", "one file is what is named"),
    ("NG140", "location /a/ { alias $x; } location = /b/ { alias /c; } location /d { alias /e; }", "no prefix ends so"),
    ("NG141", "server { if ($host = www.a.example) { return 403; } if ($arg_a = a.b) { return 403; } }", "texts"),
    ("NG142", "server { include names; return 301 https://$server_name/; }", "the include may name it"),
    ("NG143", "location ~ ^/a.php$ { } location ~ [.]php$ { } location ~ \\.php$ { }", "no ending of its own"),
    ("NG144", "http { upstream a { server 127.0.0.1; } } stream { upstream a { server 127.0.0.1:1; } }", "two worlds"),
    ("NG145", "location /img { root /srv/myimg; } location / { root /; }", "no repetition"),
    ("NG147", "location ~ \\.php(/|$) { } location ~ /\\.ht { } location ~ \\.php { deny all; }", "meant"),
    ("NG148", "location ~ ^/a/(.*) { proxy_pass http://b/$1$is_args$args; }", "they are there"),
]


@pytest.mark.parametrize(("code", "text", "because"), SILENT, ids=lambda value: str(value)[:40])
def test_is_silent(code: str, text: str, because: str) -> None:
    assert words(code, text) == [], because


def test_what_nginx_does_of_itself_since_1_29_7() -> None:
    text = whole(KEPT + "server { location / { proxy_pass http://u; " + UPGRADE.replace("upgrade;", '"";') + "} }")
    for code in ("NG103", "NG106"):
        assert words(code, text, OLD)
        assert words(code, text, NEW) == []
    order = "upstream u { server 127.0.0.1; keepalive 2; least_conn; }"
    assert words("NG120", order, OLD) == ["least_conn"]
    assert words("NG120", order, NEW) == []


def test_the_map_matters_for_every_group_since_1_29_7() -> None:
    text = RULES["NG104"].bad.replace("    keepalive 16;\n", "")
    assert words("NG104", text, OLD) == []
    assert words("NG104", text, NEW) == ["close"]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_stays_calm_over_texts_of_templates(rule: Rule) -> None:
    """Directives without parameters, holes to be filled in, and blocks of nothing crash no rule."""
    names = sorted({name for one in RULES.values() for name in one.directives})
    text = "".join(f"{name}; {name} {{{{ x }}}}; {name} %A% $ ; {name} ''; {name} {{ {name}; }}\n" for name in names)
    for one in (text, f"server {{ {text} }}", f"location {{ {text} }} location ~ {{ {text} }}"):
        list(rule.look(Subject(parse_text(one), ANY)))
