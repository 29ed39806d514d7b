"""What the rules about security claim of nginx, seen on the wire of real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from nginxgen.proof.binary import NginxBinary
from support.running import Answer, Client, Recorder, free_port, recording_backend, running_nginx

pytestmark = pytest.mark.nginx

TEXT = """\
events {
}
http {
    limit_req_zone $http_x_forwarded_for zone=sent:1m rate=1r/m;
    proxy_cache_path FOLDER/cache keys_zone=pages:1m;
    geo $is_ours { 192.0.2.0/24 1; }
    server {
        listen 127.0.0.1:PORT;
        root FOLDER/site;
        location /i { alias FOLDER/site/img/; }
        location /api { proxy_pass http://127.0.0.1:BACKEND/v1/; }
        location /host {
            proxy_set_header Host $http_host;
            proxy_set_header X-Checked $host;
            proxy_pass http://127.0.0.1:BACKEND;
        }
        location /sent {
            proxy_set_header X-Real-IP $http_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_pass http://127.0.0.1:BACKEND;
        }
        location /trusted {
            set_real_ip_from 0.0.0.0/0;
            real_ip_header X-Forwarded-For;
            add_header X-Client $remote_addr;
            try_files /page.txt =404;
        }
        location /redirect { return 302 http://shop.example$uri; }
        location /rewritten { rewrite ^ http://shop.example$uri redirect; }
        location /escaped { rewrite ^/escaped/([^/]+)$ http://shop.example/$1 redirect; }
        location /missing { error_page 404 =302 http://shop.example$uri; return 404; }
        location /asked { return 302 http://shop.example$request_uri; }
        location ~ ^/captured/([^/]+)$ { return 302 http://shop.example/$1; }
        location ~ ^/line/(.+)$ { return 302 http://shop.example/$1; }
        location /header { add_header X-Path $uri; return 204; }
        location /argument { add_header X-Argument $arg_a; return 204; }
        location /pass { proxy_pass http://127.0.0.1:BACKEND$uri; }
        location /choose { proxy_pass http://$arg_host; }
        location /upgrade {
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $http_connection;
            proxy_pass http://127.0.0.1:BACKEND;
        }
        location /inherits {
            add_header X-Frame-Options DENY;
            location /inherits/less { add_header X-A b; return 204; }
            return 204;
        }
        location /error { add_header X-Frame-Options DENY; return 404; }
        location /origin { if ($http_origin ~ ^https://shop\\.example) { add_header X-Allowed yes; } return 204; }
        location ~ \\.cgi { return 200 run; }
        location /allowed/ { allow 192.0.2.1; }
        location /first/ { allow all; deny 127.0.0.1; }
        location /returned { deny all; return 200 secret; }
        location /unasked/ { auth_basic members; }
        location /any/ { satisfy any; allow all; auth_basic members; auth_basic_user_file FOLDER/none; }
        location /guarded/ { deny all; }
        location ~ \\.php$ { try_files $uri =404; }
        location ^~ /held/ { deny all; }
        location /limited/ { limit_req zone=sent; }
        location /dav/ { WRITES }
        location /broken { add_header X-Broken "a\\r\\nX-Second: b"; return 204; }
        location /cached {
            proxy_pass http://127.0.0.1:BACKEND;
            proxy_cache pages;
            proxy_cache_valid 1m;
            proxy_ignore_headers Set-Cookie;
        }
        location /show { alias FOLDER/site/img/$arg_name; }
        location /ours/ { if ($is_ours = 0) { return 403; } }
    }
    server {
        listen 127.0.0.1:SECOND;
        merge_slashes off;
        error_log off;
        root FOLDER/site;
        location /guarded/ { deny all; }
    }
}
"""
FILES = ("page.txt", ".env", "img/a.txt", *(f"{name}/x.php" for name in ("guarded", "held")))
FOLDERS = ("allowed", "first", "unasked", "any", "limited", "dav", "ours")


class Serving(NamedTuple):
    """An nginx that serves the text, its backend, and its folders."""

    port: int
    second: int
    backend: Recorder
    folder: Path
    prefix: Path

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """The answer on a connection of its own."""
        with Client(self.port) as client:
            return client.get(path, headers)


@pytest.fixture(scope="module")
def serving(nginx: NginxBinary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The text, served by each real nginx."""
    folder = tmp_path_factory.mktemp("served")
    folder.chmod(0o755)
    for name in (*FILES, *(f"{one}/page.txt" for one in FOLDERS)):
        file = folder / "site" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"this is {name}")
    (folder / "beside.txt").write_text("not for you")
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=first\r\nContent-Length: 2\r\n\r\nok"
    port, second = free_port(), free_port()
    writes = "dav_methods PUT;" if _has_dav(nginx) else ""
    with recording_backend(answer) as backend:
        text = TEXT.replace("FOLDER", str(folder)).replace("BACKEND", str(backend.port))
        text = text.replace("PORT", str(port)).replace("SECOND", str(second)).replace("WRITES", writes)
        with running_nginx(nginx, text, port) as prefix:
            yield Serving(port, second, backend, folder, prefix)


def _has_dav(nginx: NginxBinary) -> bool:
    return nginx.target.has("dav_methods", "location")


BREAK = "%0d%0aX-Forged:%20yes"


@pytest.mark.parametrize(
    "path", [f"/{one}{BREAK}" for one in ("redirect", "captured/x", "header", "rewritten", "missing")]
)
def test_a_decoded_path_brings_headers_of_its_own(serving: Serving, path: str) -> None:
    assert serving.get(path).get("X-Forged") == ["yes"]


@pytest.mark.parametrize("path", [f"/{one}{BREAK}" for one in ("asked", "line/x", "argument?a=x", "escaped/x")])
def test_what_was_not_decoded_or_matches_no_break_brings_none(serving: Serving, path: str) -> None:
    assert serving.get(path).get("X-Forged") == []


def test_a_decoded_path_brings_headers_to_the_backend(serving: Serving) -> None:
    serving.get(f"/pass%20HTTP/1.1{BREAK}%0d%0aX-Rest:")
    assert serving.backend.requests[-1].get("X-Forged") == ["yes"]


@pytest.mark.parametrize(("path", "asked"), [("/api../secret", "/v1/../secret"), ("/apix", "/v1/x")])
def test_a_path_of_proxy_pass_is_left(serving: Serving, path: str, asked: str) -> None:
    serving.get(path)
    assert serving.backend.requests[-1].line.split()[1] == asked


def test_an_alias_is_left(serving: Serving) -> None:
    assert serving.get("/i../.env").body == b"this is .env"
    assert serving.get("/i../../beside.txt").status in (400, 404)


def test_hidden_files_are_served(serving: Serving) -> None:
    assert serving.get("/.env").body == b"this is .env"


def test_the_header_host_is_the_clients(serving: Serving) -> None:
    serving.get("http://real.example/host", {"Host": "evil.example:99"})
    request = serving.backend.requests[-1]
    assert (request.get("Host"), request.get("X-Checked")) == (["evil.example:99"], ["real.example"])


def test_addresses_in_headers_are_the_clients(serving: Serving) -> None:
    serving.get("/sent", {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"})
    request = serving.backend.requests[-1]
    assert request.get("X-Real-IP") == ["192.0.2.7"]
    assert request.get("X-Forwarded-Proto") == ["https"], "although it is plain HTTP"
    assert request.get("X-Forwarded-For") == ["192.0.2.7, 127.0.0.1"]
    assert serving.get("/trusted", {"X-Forwarded-For": "192.0.2.7"}).get("X-Client") == ["192.0.2.7"]


def test_who_counts_by_a_header_never_counts_twice(serving: Serving) -> None:
    found = [serving.get("/limited/page.txt", {"X-Forwarded-For": f"192.0.2.{n}"}).status for n in (1, 2, 3, 1)]
    assert found == [200, 200, 200, 503]


def test_a_client_chooses_the_backend(serving: Serving) -> None:
    count = len(serving.backend.requests)
    assert serving.get(f"/choose?host=127.0.0.1:{serving.backend.port}").status == 200
    assert len(serving.backend.requests) == count + 1


def test_any_change_of_protocol_reaches_the_backend(serving: Serving) -> None:
    serving.get("/upgrade", {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"})
    request = serving.backend.requests[-1]
    assert [request.get(name) for name in ("Upgrade", "Connection")] == [["h2c"], ["Upgrade, HTTP2-Settings"]]


def test_headers_are_lost_below_and_in_errors(serving: Serving) -> None:
    assert serving.get("/inherits").get("X-Frame-Options") == ["DENY"]
    assert serving.get("/inherits/less").get("X-Frame-Options") == []
    assert serving.get("/error").get("X-Frame-Options") == []


def test_patterns_without_an_end_match_more(serving: Serving) -> None:
    assert serving.get("/origin", {"Origin": "https://shop.example.evil.example"}).get("X-Allowed") == ["yes"]
    assert serving.get("/upload.cgi.jpg").body == b"run"


@pytest.mark.parametrize("path", [f"/{name}/page.txt" for name in ("allowed", "first", "unasked", "any", "ours")])
def test_nobody_is_kept_out(serving: Serving, path: str) -> None:
    assert serving.get(path).status == 200


def test_return_comes_before_deny(serving: Serving) -> None:
    assert serving.get("/returned").body == b"secret"


def test_a_pattern_passes_by_a_guard(serving: Serving) -> None:
    assert serving.get("/guarded/y").status == 403
    assert serving.get("/guarded/x.php").body == b"this is guarded/x.php"
    assert serving.get("/held/x.php").status == 403


def test_kept_slashes_pass_by_a_guard(serving: Serving) -> None:
    assert serving.get("//guarded/y").status == 403
    with Client(serving.second) as client:
        assert client.get("/guarded/x.php").status == 403
        assert client.get("//guarded/x.php").body == b"this is guarded/x.php"


def test_error_log_off_is_a_file(serving: Serving) -> None:
    assert (serving.prefix / "off").is_file()


def test_everybody_writes_files(serving: Serving, nginx: NginxBinary) -> None:
    if not _has_dav(nginx):
        pytest.skip(f"{nginx.target.name} is built without ngx_http_dav_module")
    with Client(serving.port) as client:
        client.send("/dav/new.txt", method="PUT", body=b"mine")
        assert client.read().status == 201
    assert (serving.folder / "site" / "dav" / "new.txt").read_bytes() == b"mine"


def test_a_line_break_is_sent_as_it_stands(serving: Serving) -> None:
    assert serving.get("/broken").get("X-Second") == ["b"]


def test_a_cookie_is_kept_for_all(serving: Serving) -> None:
    count = len(serving.backend.requests)
    assert [serving.get("/cached").get("Set-Cookie") for _ in range(2)] == [["session=first"]] * 2
    assert len(serving.backend.requests) == count + 1


def test_an_argument_leads_to_any_file(serving: Serving) -> None:
    assert serving.get("/show?name=../../beside.txt").body == b"not for you"
