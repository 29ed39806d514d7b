"""Rules about security where it is close: on which word they fire, and what keeps them silent."""

from __future__ import annotations

import pytest

from nginxgen.conf.target import ANY, Target
from nginxgen.diagnostic import Spot
from nginxgen.foreign import parse_text
from nginxgen.lint.captures import admits, groups
from nginxgen.lint.rule import Subject
from nginxgen.lint.rules import RULES
from nginxgen.lint.variables import Variables, names_in


def words(code: str, text: str, target: Target = ANY) -> list[str]:
    """The words on which a rule fires."""
    found = list(RULES[code].look(Subject(parse_text(text), target)))
    return [one.where.file.text[slice(*one.where.span)] for one in found if isinstance(one.where, Spot)]


FIRES = [
    ("NG202", "location /a { proxy_pass http://b/v1/; }", "/a"),
    ("NG202", "location ^~ /a { proxy_pass http://b/v1/; }", "/a"),
    ("NG203", "return 301 https://$http_host$request_uri;", "https://$http_host$request_uri"),
    ("NG203", "proxy_set_header X-Forwarded-Host $http_host;", "$http_host"),
    ("NG203", "proxy_set_header Host $arg_host;", "$arg_host"),
    ("NG203", "return 302 $arg_next;", "$arg_next"),
    ("NG204", "fastcgi_param REMOTE_ADDR $http_x_real_ip;", "$http_x_real_ip"),
    ("NG206", "set_real_ip_from ::/0;", "::/0"),
    ("NG253", "uwsgi_param HTTP_X_FORWARDED_PORT $http_x_forwarded_port;", "$http_x_forwarded_port"),
    ("NG207", "location ~ ^/(?<n>[^/]+)/ { add_header X-N $n; }", "$n"),
    ("NG207", "server { set $to https://x$uri; return 302 $to; }", "$to"),
    ("NG207", "server { rewrite ^ https://x$document_uri permanent; }", "https://x$document_uri"),
    ("NG207", "http { map $uri $new { ~^/old/(?<rest>[^/]+) /new/$rest; } server { return 301 $new; } }", "$new"),
    ("NG207", "location / { proxy_pass http://b$uri; }", "http://b$uri"),
    ("NG208", "location / { proxy_pass http://$http_host; }", "http://$http_host"),
    ("NG208", "location ~ ^/to/(.*)$ { proxy_pass http://$1; }", "http://$1"),
    ("NG208", "location ~ ^/to/(.*)/ { proxy_pass http://$1.example; }", "http://$1.example"),
    ("NG208", "location / { set $b $arg_b; proxy_pass http://$b:80; }", "http://$b:80"),
    ("NG208", "server { server_name _; location / { proxy_pass http://$host; } }", "http://$host"),
    ("NG208", "location / { proxy_pass $arg_scheme://b; }", "$arg_scheme://b"),
    ("NG208", "location / { set $to http://$arg_b/x; proxy_pass $to; }", "$to"),
    ("NG209", "proxy_ssl_protocols TLSv1.2 SSLv3;", "SSLv3"),
    ("NG210", "ssl_ciphers ECDHE-RSA-DES-CBC3-SHA;", "ECDHE-RSA-DES-CBC3-SHA"),
    ("NG211", "location / { proxy_pass https://203.0.114.9; proxy_ssl_verify off; }", "https://203.0.114.9"),
    ("NG212", "server { server_tokens on; }", "on"),
    ("NG214", "location /x/ { alias /etc/; }", "/etc/"),
    ("NG217", "server { add_header X-Frame-Options DENY; location / { add_header X-A b; } }", "add_header X-A b"),
    ("NG219", 'add_header Strict-Transport-Security "max-age=60";', '"max-age=60"'),
    (
        "NG219",
        'server { listen 80; add_header Strict-Transport-Security "max-age=31536000"; }',
        "Strict-Transport-Security",
    ),
    (
        "NG220",
        "server { add_header Access-Control-Allow-Origin *; add_header Access-Control-Allow-Credentials true; }",
        "*",
    ),
    ("NG221", "if ($http_origin ~ example\\.com$) { set $a 1; }", "example\\.com$"),
    (
        "NG221",
        "if ($http_origin ~* ^https?://(www|api).example.com$) { set $a 1; }",
        "^https?://(www|api).example.com$",
    ),
    ("NG221", "http { map $http_origin $o { ~^https://a\\.example 1; } }", "~^https://a\\.example"),
    ("NG222", "location ~* \\.(php) { fastcgi_pass b:9000; }", "\\.(php)"),
    ("NG225", "deny all; allow 192.0.2.1;", "allow 192.0.2.1"),
    ("NG226", "location / { auth_request /a; return 200 x; }", "return"),
    ("NG229", "server { location /a/ { auth_basic a; } location ~ \\.png$ { expires 1d; } }", "/a/"),
    ("NG231", "if ($http_x_real_ip !~ ^10\\.) { return 403; }", "($http_x_real_ip"),
    ("NG234", "resolver 127.0.0.53 [2001:4860:4860::8888]:53 valid=10s;", "[2001:4860:4860::8888]:53"),
    ("NG237", "add_header X-Frame-Options 'ALLOW-FROM https://a.example';", "'ALLOW-FROM https://a.example'"),
    ("NG237", "add_header Content-Securty-Policy none;", "Content-Securty-Policy"),
    ("NG238", "proxy_set_header X-Api-Key 0123456789abcdef01;", "0123456789abcdef01"),
    ("NG244", "location / { root /srv/$http_x_site; }", "/srv/$http_x_site"),
    ("NG251", "proxy_cookie_flags session nosecure;", "nosecure"),
]


@pytest.mark.parametrize(("code", "text", "word"), FIRES)
def test_fires_on_a_word(code: str, text: str, word: str) -> None:
    assert words(code, text) == [word]


SILENT = [
    ("NG201", "location /a { alias /srv/a/; proxy_pass http://b; }", "the alias is not used"),
    ("NG202", "location /a { proxy_pass http://b/; }", "nothing lies above the backend's root"),
    ("NG202", "location / { proxy_pass http://b/v1/; }", "the location ends with a slash"),
    ("NG202", "location = /a { proxy_pass http://b/v1/; }", "it is one path"),
    ("NG203", "return 301 https://$host/?to=$http_host;", "it is an argument, and not the host"),
    ("NG203", "return 200 https://$http_host;", "it is a body"),
    ("NG204", "proxy_set_header X-Forwarded-For '$http_x_forwarded_for, $remote_addr';", "nginx adds its own"),
    ("NG205", "http { set_real_ip_from 192.0.2.1; server { location / { proxy_set_header X-Forwarded-For"
     " $proxy_add_x_forwarded_for; } } }", "a proxy is named"),
    ("NG205", "server { proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }", "the rest is not known"),
    ("NG253", "proxy_set_header X-Forwarded-Proto $proto;", "a map may have judged it"),
    ("NG253", "http { set_real_ip_from 192.0.2.1; server { location / { proxy_set_header X-Forwarded-Proto"
     " $http_x_forwarded_proto; } } }", "a proxy is named"),
    ("NG207", "location = /a { return 301 https://b$uri; }", "it is one path"),
    ("NG207", "location ~ ^/(.+)$ { return 301 https://b/$1; }", "a dot matches no line break"),
    ("NG207", "location ~ ^/(\\w+)/ { add_header X-A $1; }", "a word holds none"),
    ("NG207", "server { return 200 $uri; }", "a body may hold anything"),
    ("NG207", "server { rewrite ^/([^/]+)$ https://b/$1 redirect; }", "rewrite escapes it"),
    ("NG207", "server { rewrite ^ /b$uri last; }", "it stays a path"),
    ("NG207", "location / { add_header X-A $arg_a; }", "arguments are not decoded"),
    ("NG207", "location / { proxy_set_header X-A $unknown; }", "nobody knows what it is"),
    ("NG208", "location / { proxy_pass http://b$request_uri; }", "the host is written down"),
    ("NG208", "location / { set $b app; proxy_pass http://$b:80; }", "it is always the same"),
    ("NG208", "location ~ ^/(a|b)/ { proxy_pass http://$1; }", "only two are there"),
    ("NG208", "location ~ ^/(\\w+)/ { proxy_pass http://$1.internal; }", "it stays in the domain"),
    ("NG208", "server { server_name a.example; location / { proxy_pass http://$host; } }", "it has one name"),
    ("NG208", "location ~ ^/(.+)$ { set $to http://b/$1; proxy_pass $to; }", "it is in the path"),
    ("NG208", "location @a { proxy_pass http://$arg_b; }", "nginx comes there only"),
    ("NG208", "location / { if ($arg_b !~ ^[ab]$) { return 403; } proxy_pass http://$arg_b; }", "it was looked at"),
    ("NG208", "http { map $host $b { ~^(?<n>\\w+)\\. $n.internal; } server { location / { proxy_pass http://$b; } } }",
     "a pattern chooses"),
    ("NG210", "ssl_ciphers HIGH:!aNULL:!MD5:!3DES:+RC4;", "they are taken out"),
    ("NG210", "ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256;", "it is good"),
    ("NG211", "location / { proxy_pass https://127.0.0.1; }", "it is this machine"),
    ("NG211", "upstream b { server 127.0.0.1; } server { location / { proxy_pass https://b; } }", "it is this machine"),
    ("NG211", "location / { include tls.conf; proxy_pass https://a.example; }", "it may be in the include"),
    ("NG212", "http { include more.conf; }", "it may be in the include"),
    ("NG213", "server { root /srv/shop/public; }", "the folder was made to be served"),
    ("NG213", "server { root /srv/shop; location / { proxy_pass http://b; } }", "no files are served"),
    ("NG214", "location /usr/share/doc/ { root /; }", "the path leads to one folder"),
    ("NG214", "location /files/ { internal; alias /; }", "nginx comes there only"),
    ("NG216", "location / { proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }",
     "what nginx.org shows for WebSocket"),
    ("NG217", "server { add_header X-A b; location / { add_header X-B c; } }", "it protects nobody"),
    ("NG219", 'server { listen 443 ssl; add_header Strict-Transport-Security "max-age=31536000"; }', "it speaks TLS"),
    ("NG219", 'add_header Strict-Transport-Security "max-age=0";', "that takes it back"),
    ("NG220", "if ($http_origin ~ ^https://a\\.example$) { add_header Access-Control-Allow-Origin $http_origin;"
     " add_header Access-Control-Allow-Credentials true; }", "it was looked at"),
    ("NG221", "if ($http_origin ~ ^https://a\\.example(:[0-9]+)?$) { set $a 1; }", "it is held"),
    ("NG221", "if ($http_referer !~ ^https://a\\.example/) { return 403; }", "a slash ends the host"),
    ("NG221", "if ($http_origin ~ .+) { set $a 1; }", "it speaks of no site"),
    ("NG222", "location ~ \\.php(/|$) { fastcgi_pass b:9000; }", "it is held"),
    ("NG222", "location ~ \\.php { fastcgi_split_path_info ^(.+\\.php)(.*)$; fastcgi_pass b:9000; }", "it is cut"),
    ("NG223", "location ~ \\.php$ { include snippets/php.conf; fastcgi_pass b:9000; }", "it may be in the include"),
    ("NG224", "location / { allow 192.0.2.1; include deny.conf; }", "it may be in the include"),
    ("NG224", "location / { allow all; }", "that is meant"),
    ("NG226", "location / { deny all; return 403; }", "it tells nothing"),
    ("NG226", "location / { deny all; if ($a) { return 200 x; } }", "it is another block"),
    ("NG227", "location / { auth_basic a; }", "the file may be named around it"),
    ("NG229", "server { location /a/ { auth_basic a; } location ~ ^/b.*\\.png$ { expires 1d; } }", "it is elsewhere"),
    ("NG229", "server { auth_basic a; location /a/ { deny all; } location ~ \\.png$ { expires 1d; } }", "all is"),
    ("NG231", "if ($http_x_forwarded_for) { set $a 1; }", "nobody is kept out by it"),
    ("NG232", "server { listen 127.0.0.1:80; location /s { stub_status; } }", "it is this machine"),
    ("NG232", "server { listen 80; allow 10.0.0.0/8; deny all; location /s { stub_status; } }", "it is guarded"),
    ("NG234", "resolver 10.0.0.2 kube-dns.kube-system valid=10s;", "it is inside"),
    ("NG238", "proxy_set_header Authorization 'Bearer {{ token }}';", "it is filled in later"),
    ("NG240", "http { server { ssl_verify_client optional; location / { proxy_set_header X-A $ssl_client_s_dn; } } }",
     "the backend looks at it"),
    ("NG241", "location / { dav_methods PUT; limit_except GET { deny all; } }", "it is guarded"),
    ("NG244", "location / { root /srv/$host; }", "nginx refuses .. in a host"),
    ("NG246", "rewrite ^/((.*))$ /new/$1$2 last;", "nothing is escaped there"),
    ("NG249", "http { map $a $b { 1 1; } server { if ($b = 1) { return 403; } } }", "a list of who is refused"),
    ("NG250", "http { server { listen 443 ssl; listen [::]:443 ssl; } }", "there is one server"),
    ("NG251", 'add_header Set-Cookie "a=; Max-Age=0";', "that takes it back"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "because"), SILENT)
def test_is_silent(code: str, text: str, because: str) -> None:
    assert words(code, text) == [], because


@pytest.mark.parametrize(
    ("code", "open_in", "mended_in"),
    [
        ("NG245", ("1.22.1", "1.29.8", "1.30"), ("1.30.1", "1.31")),
        ("NG246", ("1.22.1", "1.30.1", "1.31"), ("1.30.2", "1.31.1")),
        ("NG252", ("1.22.1", "1.30.3", "1.31.2"), ("1.30.4", "1.31.3")),
    ],
)
def test_holes_are_told_of_releases_that_have_them(code: str, open_in: list[str], mended_in: list[str]) -> None:
    """By nginx.org's security advisories."""
    assert all(words(code, RULES[code].bad, Target.parse(one)) for one in open_in)
    assert not any(words(code, RULES[code].bad, Target.parse(one)) for one in mended_in)


def test_no_planted_fault_is_told_by_two_rules() -> None:
    """One fault, one finding above a note: each rule's bad text is told by that rule."""
    told = {}
    for code, rule in RULES.items():
        if code.startswith("NG2"):
            subject = Subject(parse_text(rule.bad), ANY)
            others = [one for one in RULES.values() if one.code.startswith("NG2")]
            found = [one for other in others for one in other.look(subject) if one.severity != "note"]
            told[code] = sorted({one.code for one in found} - {code})
    assert {code: others for code, others in told.items() if others} == {}


def test_groups_of_a_pattern() -> None:
    assert groups(r"^/(?:a|b)/(?<n>[^/)]+)/((x)\))$") == {"1": "[^/)]+", "n": "[^/)]+", "2": r"(x)\)", "3": "x"}


@pytest.mark.parametrize(
    ("pattern", "characters", "may"),
    [
        (r"[^/]+", "\n", True),
        (".*", "\n", False),
        (r"\S+", "\n", False),
        (r"\W+", "\n", True),
        (".*", "/", True),
        ("[[:alnum:]_-]+", "/", False),
        (r"[\s\S]*", "\n", True),
        ("a{2,3}", "2", False),
        ("(?:x|/)", "/", True),
    ],
)
def test_characters_that_a_pattern_admits(pattern: str, characters: str, may: bool) -> None:
    assert admits(pattern, characters) is may


def test_variables_of_a_text() -> None:
    assert names_in("a$Host${arg_a}b$12-$x_y") == ["host", "arg_a", "1", "x_y"]


def test_a_variable_that_names_itself_has_an_end() -> None:
    configuration = parse_text("server { set $a $b; set $b $a$uri; return 301 https://x$a; }")
    (node,) = configuration.named("return")
    assert {one.origin for one in Variables(configuration).sources(node.args[1], node)} == {"uri"}
