"""Words that nginx refuses: it is asked, and lint says the same; and what it takes beside them is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from nginxgen.conf.facts import variable_since, variables
from nginxgen.diagnostic import Severity
from nginxgen.foreign import parse_text
from nginxgen.lint.engine import lint
from nginxgen.lint.forms import FORMS, NEEDED
from nginxgen.lint.rule import Subject
from nginxgen.lint.rules.values.ng172_own_variable import is_fixed
from nginxgen.proof.binary import NginxBinary
from support.foreign import ask_as_it_stands

MAIN = [
    ("error_log e.log wran;", "error_log e.log warn;"),
    ("worker_processes atuo;", "worker_processes auto;"),
    ("worker_cpu_affinity 0102;", "worker_cpu_affinity 0101;"),
    ("worker_priority x;", "worker_priority -5;"),
    ("error_log syslog:facility=local0;", "error_log syslog:server=127.0.0.1,facility=local0,severity=warn,tag=a_1;"),
    ("error_log memory:x debug;", "error_log syslog:server=unix:/dev/log,nohostname;"),
    ("thread_pool a max_queue=5;", "thread_pool a threads=4 max_queue=5;"),
    ("thread_pool a threads=0;", "thread_pool a threads=1;"),
    ("thread_pool a threads=1; thread_pool a threads=1;", "thread_pool a threads=1; thread_pool b threads=1;"),
    ("events {{}}", "error_log e.log;"),
]
EVENTS = [("worker_connections 0;", "worker_connections 1024;"), ("use epol;", "use epoll;")]
HTTP = [
    ("proxy_cache_path c keys_zone=z:10mb;", "proxy_cache_path c keys_zone=z:10m levels=1:2;"),
    ("proxy_cache_path c keys_zone=z:10m levels=1:5;", "proxy_cache_path c levels=2 keys_zone=z:10m;"),
    ("fastcgi_cache_path c inactive=1h;", "fastcgi_cache_path c keys_zone=z:1m inactive=1h;"),
    ("limit_req_zone $uri zone=q:10m rate=10r/h;", "limit_req_zone $uri zone=q:10m rate=10r/s;"),
    ("limit_req_zone $uri zone=q:10m rate=10/s;", "limit_req_zone $uri rate=30r/m zone=q:10m;"),
    ("limit_req_zone $uri zone=q rate=1r/s;", "limit_req_zone $uri zone=q:1m rate=1r/s;"),
    ("limit_conn_zone $uri zone=q;", "limit_conn_zone $uri zone=q:1m;"),
    ("limit_req_status 200;", "limit_req_status 429;"),
    ("limit_conn_status 600;", "limit_conn_status 503;"),
    ("ssl_session_cache shard:SSL:1m;", "ssl_session_cache shared:SSL:1m;"),
    ("ssl_session_cache shared:SSL:1k;", "ssl_session_cache builtin:100 shared:SSL:1m;"),
    ("keepalive_disable ie;", "keepalive_disable msie6 Safari;"),
    ("deny al;", "deny all;"),
    ("allow 10.0.0.0/33;", "allow 10.0.0.1/8; deny 2001:db8::/32; deny all;"),
    ("set_real_ip_from 10.0.0.0/33;", "set_real_ip_from 10.0.0.0/8; set_real_ip_from unix:;"),
    ("access_log a.log combined gzip=12;", "access_log a.log combined gzip=9 flush=5s;"),
    ("large_client_header_buffers 0 8k;", "large_client_header_buffers 4 8k;"),
    ("resolver 127.0.0.1:99999;", "resolver 127.0.0.1:53 [::1]:53 valid=5s;"),
    ("open_file_cache max=0;", "open_file_cache max=100 inactive=5s;"),
    ("open_file_cache inactive=5s;", "open_file_cache off;"),
    ("gzip_disable [;", 'gzip_disable msie6 "MSIE [1-6]";'),
    ("map $uri m { default 1; }", "map $uri $m { default 1; hostnames; volatile; a b; }"),
    ("map $uri $m { default 1; default 2; }", "map $uri $m { default 1; }"),
    ("map $uri $m { hostname; default 1; }", "map $uri $m { ~^/a 1; }"),
    ("geo g { default 1; }", "geo $g { default 1; 10.0.0.0/8 2; 2001:db8::/32 3; proxy 10.0.0.1; }"),
    ("geo $g { 10.0.0.0/40 1; }", "geo $remote_addr $g { ranges; 10.0.0.1-10.0.0.9 1; }"),
    ("split_clients $uri v { * a; }", "split_clients $uri $v { 0.5% a; 99.5% b; }"),
    ("split_clients $uri $v { 60% a; 60% b; * c; }", "split_clients $uri $v { 60% a; * c; }"),
    ("split_clients $uri $v { 60 a; * c; }", "split_clients $uri $v { 1.25% a; * c; }"),
    ("upstream x { server http://127.0.0.1; }", "upstream x { server 127.0.0.1; }"),
    ("upstream x { server 127.0.0.1:80/path; }", "upstream x { server 127.0.0.1:80; }"),
    ("upstream x { server 127.0.0.1:; }", "upstream x { server [::1]:80; }"),
    ("upstream x { server :8080; }", "upstream x { server [::1]; }"),
    ("upstream x { server 127.0.0.256; }", "upstream x { server unix:/run/a.sock; }"),
    ("upstream x { server 127.0.0.1:80a; }", "upstream x { server localhost:80; }"),
    ("upstream x { zone x 1k; server 127.0.0.1; }", "upstream x { zone x 64k; server 127.0.0.1; }"),
    ("upstream x { random three; server 127.0.0.1; }", "upstream x { random two; server 127.0.0.1; }"),
    (
        "upstream x { random two least_con; server 127.0.0.1; }",
        "upstream x { random two least_conn; server 127.0.0.1; }",
    ),
    ("limit_req_zone $uri zone=q:10 rate=1r/s;", "limit_req_zone $uri zone=q:32k rate=1;"),
    ("limit_conn_zone $uri zone=q:1k;", "limit_conn_zone $uri zone=q:32k;"),
    ("output_buffers 0 4k;", "output_buffers 1 4k;"),
    ("gzip_buffers 0 4k;", "gzip_buffers 4 4k;"),
    ("server_tokens none;", "server_tokens build;"),
    ("userid maybe;", "userid v1;"),
    ("userid_expires x;", "userid_expires max;"),
    ("userid_service x;", "userid_service 7;"),
    ("userid_mark ab;", "userid_mark =;"),
    ("variables_hash_max_size 0;", "variables_hash_max_size 2048;"),
    ("open_log_file_cache min_uses=2;", "open_log_file_cache max=10 min_uses=2;"),
    ("client_body_temp_path t x;", "client_body_temp_path t 1 2;"),
    (
        "upstream x { server 127.0.0.1; hash $uri; keepalive 2; keepalive 3; }",
        "upstream x { server 127.0.0.1; keepalive 2; }",
    ),
    ("upstream x { zone x; server 127.0.0.1; }", "upstream x { zone x 64k; server 127.0.0.1; }"),
    (
        "upstream x { zone z 64k; server 127.0.0.1; } upstream y { zone z 128k; server 127.0.0.1; }",
        "upstream x { zone z 64k; server 127.0.0.1; } upstream y { zone z 64k; server 127.0.0.2; }",
    ),
    ('log_format a "$uri"; log_format a "$host";', 'log_format a "$uri"; log_format b "$host";'),
    ('log_format combined "$uri";', 'log_format combine "$uri";'),
    (
        "limit_req_zone $uri zone=q:1m rate=1r/s; limit_req_zone $host zone=q:1m rate=1r/s;",
        "limit_req_zone $uri zone=q:1m rate=1r/s; limit_req_zone $host zone=r:1m rate=1r/s;",
    ),
    (
        "proxy_cache_path c keys_zone=q:1m; proxy_cache_path d keys_zone=q:1m;",
        "proxy_cache_path c keys_zone=q:1m; proxy_cache_path d keys_zone=r:1m;",
    ),
    (
        "proxy_cache_path c keys_zone=q:1m; proxy_cache_path c keys_zone=r:1m;",
        "proxy_cache_path c keys_zone=q:1m; fastcgi_cache_path d keys_zone=r:1m;",
    ),
    ("map $uri $m { a 1; A 2; }", "map $uri $m { a 1; ~A 2; ~A 3; }"),
    ("map $uri $m { a b c; }", 'map $uri $m { a "b c"; }'),
    ("map $uri $m { hostnames; *.*.x 1; }", "map $uri $m { hostnames; *.x 1; y.* 2; .z 3; }"),
    ("map $uri $m { default $nosuch; }", "map $uri $m { ~(?<a>b) $a$host; }"),
    ("map $uri $host { default 1; }", "map $uri $args { default 1; }"),
    ("geo $g { 10.0.0.1; }", "geo $g { proxy_recursive; 10.0.0.1 a; default b; }"),
    ("geo $g { 10.0.0.1 a b; }", 'geo $g { 10.0.0.1 "a b"; }'),
    ("geo $g { proxy x; }", "geo $g { proxy 10.0.0.0/8; delete 10.0.0.1; }"),
    ("geo $g { ranges; 10.0.0.5-10.0.0.1 a; }", "geo $g { ranges; 10.0.0.1-10.0.0.5 a; }"),
    ("split_clients $uri $v { * a; 60% b; }", "split_clients $uri $v { 60% b; * a; }"),
    (
        "server { listen 127.0.0.1:8097; server_name a.*.b; } server { listen 127.0.0.1:8097; }",
        "server { listen 127.0.0.1:8097; server_name a.b.*; } server { listen 127.0.0.1:8097; server_name *.a.b; }",
    ),
]
SERVER = [
    ("listen 127.0.0.1:abc;", "listen 127.0.0.1:8099;"),
    ("listen [::1;", "listen [::1]:8099;"),
    ("listen 8099-8070;", "listen 8100-8110;"),
    ("listen http://localhost;", "listen localhost:8099;"),
    ("listen 8099 backlog=0;", "listen 8099 backlog=511;"),
    ("listen 8099 so_keepalive=maybe;", "listen 8099 so_keepalive=30m::10;"),
    ("server_name *;", 'server_name "" _ *.a.example b.* .c.example ~^d;'),
    ("server_name *a.example;", "server_name a.*.b;"),
    ("error_page x /x;", "error_page 404 502 /x;"),
    ("error_page 404 =abc /x;", "error_page 404 =200 /x; error_page 403 = /y;"),
    ("return abc;", "return 404;"),
    ("return 30x https://a.example/;", 'return 200 "text";'),
    ("rewrite ^ /x permanant;", "rewrite ^ /x permanent;"),
    ("rewrite ^ /a$;", "rewrite ^a$ /a; rewrite ^/b$ /$uri$is_args;"),
    ('auth_basic "5 $";', 'auth_basic "$host";'),
    ("rewrite *x /y;", "rewrite ^/x*$ /y;"),
    ("set a b;", "set $a b;"),
    ("expires 10days;", "expires 10d;"),
    ("location /a { expires modifid 1h; }", "location /a { expires modified +1h; } location /b { expires @15h30m; }"),
    ("add_header X y alwyas;", "add_header X y always;"),
    ("location ~~ x { return 204; }", "location ~* x { return 204; }"),
    ("location ~* [z-a] { return 204; }", "location ~* [a-z] { return 204; }"),
    ("location ~ (?<a>x)(?<a>y) { return 204; }", "location ~ (?<a>x)(?<b>y) { return 204; }"),
    ("location ~ (?<n>x { return 204; }", "location ~ (?>x)(?i)y++ { return 204; }"),
    ("location ~ (?z)a { return 204; }", r"location ~ (?<!b)a\K\h { return 204; }"),
    ("location /a { location /b { return 204; } }", "location /a { location /ab { return 204; } }"),
    ("location = /a { location /a/b { return 204; } }", "location /a { location /a/b { return 204; } }"),
    ("location ~ /a { location /b { return 204; } }", "location ~ ^/a { location ~ /b { return 204; } }"),
    ("location @a { location /b { return 204; } }", "location @a { return 204; }"),
    ("location /a { location @b { return 204; } }", "location /a { location ~ b { return 204; } }"),
    ("listen 8098;", "listen 8097;"),
    (
        "listen 8097 default_server; } server { listen 8097 default_server;",
        "listen 8097 default_server; } server { listen 8097;",
    ),
    ("listen 8097 backlog=9; } server { listen 8097 backlog=9;", "listen 8097 backlog=9; } server { listen 8097;"),
    ("listen 8097 ssl;", "listen 8097 ssl; ssl_reject_handshake on;"),
    ("root $document_root/a;", "root /srv/$host;"),
    ("access_log a.log combined flush=5s;", "access_log a.log combined gzip flush=5s;"),
    ("access_log $host.log combined buffer=4k;", "access_log $host.log combined;"),
    ("access_log syslog:server=127.0.0.1 combined buffer=4k;", "access_log syslog:server=127.0.0.1 combined;"),
    ("access_log syslog:server=127.0.0.1,facility=a;", "access_log syslog:server=127.0.0.1:514,facility=cron;"),
    ("access_log off combined;", "access_log off;"),
    ("access_log $nosuch.log;", "access_log a.log combined if=$host;"),
    ("access_log a.log combined if=$nosuch;", "access_log a.log combined if=$args;"),
    ("set $host a;", "set $args a; set $limit_rate 1k; set $http_x_own a;"),
    ("location ~ ^/(?<uri>.+) { return 204; }", "location ~ ^/(?<path>.+) { return 204; }"),
    ("return 200 ${uri;", "return 200 ${uri};"),
    ('return 200 "5$";', "return 200 $uri-;"),
    ("expires @25h;", "expires @23h59m;"),
    ("resolver 127.0.0.1 status_zone=a;", "resolver 127.0.0.1 valid=5s ipv6=off;"),
    ("set_real_ip_from 10.0.0.300;", "set_real_ip_from 10.0.0.3; set_real_ip_from ::1;"),
    ("auth_request_set a b;", "auth_request_set $a $host;"),
    ("valid_referers ~[;", "valid_referers none ~a b.example;"),
    ("aio threads=nosuch;", "aio threads=default;"),
    ("index $nosuch;", "index $host.html;"),
]
LOCATION = [
    ("proxy_pass 127.0.0.1:1;", "proxy_pass http://127.0.0.1:1;"),
    ("proxy_pass htp://127.0.0.1;", "proxy_pass https://127.0.0.1/path;"),
    ("proxy_pass http://[::1:80;", "proxy_pass http://[::1]:80;"),
    ("proxy_pass http://127.0.0.1:b;", "proxy_pass http://unix:/run/a.sock:/path;"),
    ("proxy_pass http://;", "proxy_pass http://localhost?a=b;"),
    ("fastcgi_pass http://127.0.0.1:9000;", "fastcgi_pass 127.0.0.1:9000;"),
    ("grpc_pass http://127.0.0.1:9000;", "grpc_pass grpcs://127.0.0.1:9000;"),
    ("scgi_pass http://127.0.0.1:9000;", "scgi_pass unix:/run/a.sock;"),
    ("proxy_redirect defualt;", "proxy_pass http://127.0.0.1; proxy_redirect default;"),
    ("proxy_cookie_path /a;", "proxy_cookie_path off;"),
    ("proxy_cookie_domain a.example;", "proxy_cookie_domain a.example b.example;"),
    ("proxy_cache_valid 200 1hour;", "proxy_cache_valid 200 302 1h; proxy_cache_valid any 1m; proxy_cache_valid 5m;"),
    ("proxy_cache_valid abc 1h;", "proxy_cache_valid 404 10s;"),
    ("proxy_cache_methods PUT;", "proxy_cache_methods get HEAD POST;"),
    ("proxy_ignore_headers X-Foo;", "proxy_ignore_headers Cache-Control expires;"),
    ("limit_rate 1x;", "limit_rate 10k; limit_rate_after 1m;"),
    ("limit_rate_after 1x;", "limit_rate_after 1m;"),
    ("proxy_limit_rate x;", "proxy_limit_rate 1m;"),
    ("fastcgi_split_path_info ^(.+)$;", r"fastcgi_split_path_info ^(.+\.php)(/.*)$;"),
    ("proxy_pass http://unix:;", "proxy_pass http://unix:/run/a.sock;"),
    ("uwsgi_pass http://127.0.0.1:9000;", "uwsgi_pass suwsgi://127.0.0.1:9000;"),
    ("grpc_pass grpc://127.0.0.1/a;", "grpc_pass grpc://127.0.0.1:1;"),
    ("grpc_pass grpc://127.0.0.1;", "grpc_pass 127.0.0.1:1;"),
    ("fastcgi_pass 127.0.0.1;", "fastcgi_pass localhost:1;"),
    ("uwsgi_pass 127.0.0.1;", "uwsgi_pass 127.0.0.1:1;"),
    ("scgi_pass [::1];", "scgi_pass [::1]:1;"),
    ("slice x;", "slice 1m;"),
    ("dav_access user:x;", "dav_access group:rw all:r;"),
    ('sub_filter "" a;', "sub_filter a $uri;"),
    ("memcached_bind a;", "memcached_bind 127.0.0.1;"),
    ("limit_except FETCH { deny all; }", "limit_except GET PATCH { deny all; }"),
    ("try_files a =1000;", "try_files a =404;"),
    ("proxy_bind localhost;", "proxy_bind 127.0.0.1:8000 transparent;"),
    ("grpc_bind 10.0.0.0/8;", "grpc_bind ::1;"),
    ("proxy_bind $nosuch;", "proxy_bind off;"),
    ("proxy_store_access user:x;", "proxy_store_access user:rw group:r;"),
    ("proxy_buffers 0 4k;", "proxy_buffers 4 4k;"),
    ("proxy_temp_path t x;", "proxy_temp_path t 1 4;"),
    ("proxy_max_temp_file_size 1k;", "proxy_max_temp_file_size 8k;"),
    ("proxy_redirect ~( /;", "proxy_redirect ~a /;"),
    ("proxy_cookie_flags ~( secure;", "proxy_cookie_flags ~ secure;"),
    ("proxy_cookie_path /a $nosuch;", "proxy_cookie_path ~a$ $uri;"),
    ("proxy_redirect default; proxy_pass http://127.0.0.1;", "proxy_pass http://127.0.0.1; proxy_redirect default;"),
    ("proxy_pass http://$host; proxy_redirect default;", "proxy_pass http://127.0.0.1$uri; proxy_redirect off;"),
    ("proxy_pass http://127.0.0.1; proxy_redirect off; proxy_redirect a b;", "proxy_redirect a b; proxy_redirect b c;"),
    ("root /a; alias /b/;", "alias /b/;"),
    (
        "proxy_pass https://127.0.0.1; proxy_ssl_verify on;",
        "proxy_pass https://127.0.0.1; proxy_ssl_verify off;",
    ),
]
_ZONES = "limit_req_zone $uri zone=q:1m rate=1r/s; limit_conn_zone $uri zone=c:1m; proxy_cache_path c keys_zone=k:1m;"
LIMITS = [
    ("limit_req zone=q delay=0;", "limit_req zone=q burst=5 delay=3;"),
    ("limit_req zone=q burst=x;", "limit_req zone=q burst=5 nodelay;"),
    ("limit_req burst=5;", "limit_req zone=q;"),
    ("limit_req zone=q; limit_req zone=q burst=5;", "limit_req zone=q;"),
    ("limit_conn c 0;", "limit_conn c 65535;"),
    ("limit_conn c 65536;", "limit_conn c 1;"),
    ("limit_conn c 1; limit_conn c 2;", "limit_conn c 1;"),
    (
        "location / { proxy_store on; proxy_cache k; proxy_pass http://127.0.0.1; }",
        "location / { proxy_store off; proxy_cache k; proxy_pass http://127.0.0.1; }",
    ),
]
CASES = [
    *(("{}\nevents {{}}\nhttp {{ server {{ listen 8098; }} }}", one) for one in MAIN),
    *(("events {{ {} }}\nhttp {{ server {{ listen 8098; }} }}", one) for one in EVENTS),
    *(("events {{}}\nhttp {{ {} server {{ listen 8098; }} }}", one) for one in HTTP),
    *(("events {{}}\nhttp {{ server {{ listen 8098; {} }} }}", one) for one in SERVER),
    *(("events {{}}\nhttp {{ server {{ listen 8098; location / {{ {} }} }} }}", one) for one in LOCATION),
    *((f"events {{{{}}}}\nhttp {{{{ {_ZONES} server {{{{ listen 8098; {{}} }}}} }}}}", one) for one in LIMITS),
]


def errors(text: str, nginx: NginxBinary) -> list[str]:
    """What lint finds that nginx would refuse."""
    found = lint(Subject(parse_text(text), nginx.target))
    return [one.code for one in found if one.severity is Severity.ERROR and one.code < "NG200"]


@pytest.mark.parametrize(("around", "pair"), CASES, ids=[pair[0] for _, pair in CASES])
def test_lint_refuses_what_nginx_refuses(
    around: str, pair: tuple[str, str], nginx: NginxBinary, tmp_path: Path
) -> None:
    bad, good = (around.format(one) for one in pair)
    said = ask_as_it_stands(good, nginx, tmp_path / "good")
    if any("unknown directive" in one for one in said):
        pytest.skip(f"nginx {nginx.target.lowest} is built without the module")
    assert any("[emerg]" in one for one in ask_as_it_stands(bad, nginx, tmp_path / "bad")), "nginx takes it"
    assert errors(bad, nginx)
    assert not [one for one in said if "[emerg]" in one]
    assert errors(good, nginx) == []


def test_every_line_of_the_table_is_tried() -> None:
    tried = " ".join(bad for _, (bad, _) in CASES)
    families = ("fastcgi_", "uwsgi_", "scgi_")  # as proxy_ has it
    assert [one for one in (*FORMS, *NEEDED) if one not in tried and not one.startswith(families)] == ["add_trailer"]


@pytest.mark.parametrize("name", sorted(name for name in variables() if is_fixed(name)))
def test_variables_of_nginx_are_its_own(name: str, nginx: NginxBinary, tmp_path: Path) -> None:
    """Each that the binary has; one of a module that it lacks, or of a later nginx, it takes for any other."""
    text = "events {{}}\nhttp {{ server {{ listen 8098; set ${} a; }} }}"
    said = " ".join(ask_as_it_stands(text.format(name), nginx, tmp_path))
    if f'the duplicate "{name}" variable' in said:
        assert errors(text.format(name), nginx) == ["NG172"]
    else:
        since = variable_since(name)
        lacks_it = (since is not None and not nginx.target.since(since)) or variables()[name]["module"] in LACKING
        assert lacks_it, said


LACKING = ("ngx_http_stub_status_module", "ngx_http_slice_module")
"""Modules that 1.31.3 as it comes from PyPI is built without."""
