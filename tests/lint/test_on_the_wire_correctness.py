"""What the rules of correctness say that nginx does, seen on the wire of a real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from nginxgen.conf.version import Version
from nginxgen.proof.binary import NginxBinary
from support.running import Answer, Client, Recorder, free_port, recording_backend, running_nginx, wait_until, written

pytestmark = pytest.mark.nginx

TEXT = """\
events {
}
http {
    root FOLDER;
    upstream kept {
        server 127.0.0.1:BACKEND;
        keepalive 4;
    }
    map $http_upgrade $closing {
        default upgrade;
        '' close;
    }
    map $http_upgrade $keeping {
        default upgrade;
        '' '';
    }
    server {
        listen 127.0.0.1:PORT;
        server_name *.wild.example usual.example;
        location /lost/ {
            proxy_set_header X-Outer 1;
            location /lost/inner/ {
                proxy_pass http://kept;
                proxy_set_header X-Inner 1;
            }
        }
        location /unsaid/ {
            proxy_pass http://kept;
        }
        location /closing/ {
            proxy_pass http://kept;
            proxy_http_version 1.1;
            proxy_set_header Connection $closing;
        }
        location /keeping/ {
            proxy_pass http://kept;
            proxy_http_version 1.1;
            proxy_set_header Connection $keeping;
        }
        location /api/ {
            proxy_pass http://kept/v1;
        }
        location /bare {
            proxy_pass http://kept/;
        }
        location /chosen/ {
            set $backend 127.0.0.1:BACKEND;
            proxy_pass http://$backend/v1/;
        }
        location /named/ {
            set $backend name.invalid;
            proxy_pass http://$backend;
        }
        location /at-once/ {
            proxy_pass http://127.0.0.1:SILENT;
            proxy_read_timeout 0;
        }
        location /tried/ {
            try_files /here.txt =404;
        }
        location /tried/if/ {
            set $true 1;
            try_files /here.txt =404;
            if ($true) {
                set $other 1;
            }
        }
        location /two-ifs/ {
            set $true 1;
            if ($true) {
                add_header X-First 1;
            }
            if ($true) {
                add_header X-Second 1;
            }
            return 204;
        }
        location ~ ^never {
            return 200 "matched";
        }
        location ~ /arguments\\?id= {
            return 200 "matched";
        }
        location /files-first/ {
            rewrite ^/files-first(/.*) $1 break;
            try_files $uri /tried/;
            proxy_pass http://kept;
        }
        location /comes-back/ {
            try_files $uri $uri/;
        }
        location /no-slash/ {
            try_files $uri here.txt;
        }
        location /no-name/ {
            try_files $uri @nobody;
        }
        location /cycle/ {
            rewrite ^/(.*)$ /cycle/x/$1 last;
        }
        location ~ ^/captured/(.*)$ {
            proxy_pass http://kept/$1;
        }
        location /rewritten/ {
            rewrite ^/rewritten/(.*)$ /$1 break;
            proxy_pass http://kept;
        }
        location ~ \\.png {
            return 200 "a picture";
        }
        location /twice/ {
            alias FOLDER/;
            expires 30d;
            add_header Cache-Control "no-cache";
        }
        location ~ ^/one-file/.+ {
            alias FOLDER/here.txt;
        }
        location /glued/ {
            alias FOLDER/her;
        }
        location /doubled/ {
            root FOLDER/doubled;
        }
        location = /called {
            return 301 https://$server_name/;
        }
    }
    server {
        listen 127.0.0.1:PORT;
        server_name ended.example;
        location /.well-known/ {
            return 200 "answered";
        }
        return 301 https://ended.example/;
    }
    server {
        listen 127.0.0.1:PORT;
        server_name usual.example;
        return 200 "the second";
    }
}
"""


class Served(NamedTuple):
    """An nginx on the text above, and its backend."""

    port: int
    backend: Recorder
    log: Path
    version: Version

    def get(self, path: str, host: str = "usual.example") -> Answer:
        with Client(self.port) as client:
            return client.get(path, {"Host": host})

    def asked(self, path: str) -> str:
        """What the backend is asked for when nginx is asked for a path."""
        assert self.get(path).status == 200
        return self.backend.requests[-1].line.split(" ")[1]

    def logged(self, text: str) -> None:
        wait_until(lambda: text in written(self.log), f"the log says: {text}")


@pytest.fixture(scope="module")
def served(nginx: NginxBinary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    files = tmp_path_factory.mktemp("files")
    (files / "here.txt").write_text("here")
    (files / "doubled").mkdir()
    (files / "doubled" / "x.txt").write_text("x")
    port = free_port()
    with recording_backend() as backend, recording_backend(b"HTTP/1.1 200 OK\r\n") as silent:
        text = TEXT.replace("FOLDER", str(files)).replace("PORT", str(port))
        text = text.replace("BACKEND", str(backend.port)).replace("SILENT", str(silent.port))
        with running_nginx(nginx, text, port) as folder:
            yield Served(port, backend, folder / "error.log", nginx.target.lowest)


def test_ng101_a_header_of_ones_own_takes_the_others_away(served: Served) -> None:
    served.get("/lost/inner/")
    request = served.backend.requests[-1]
    assert request.get("X-Inner") == ["1"]
    assert request.get("X-Outer") == []


def test_ng103_and_ng104_who_keeps_the_connection(served: Served) -> None:
    def connections(path: str) -> int:
        """How many connections the backend has got for three requests, and what they said of it."""
        first = served.backend.connections
        for _ in range(3):
            served.get(path)
        return served.backend.connections - first

    is_old = served.version < Version(1, 29, 7)
    assert connections("/unsaid/") in ({3} if is_old else {0, 1})
    assert served.backend.requests[-1].line.endswith("HTTP/1.0" if is_old else "HTTP/1.1")
    assert served.backend.requests[-1].get("Connection") == (["close"] if is_old else [])
    assert connections("/closing/") >= 2  # the first may take one that is there
    assert served.backend.requests[-1].get("Connection") == ["close"]
    assert connections("/keeping/") <= 1
    assert served.backend.requests[-1].get("Connection") == []


def test_ng109_slashes_of_one_side_only(served: Served) -> None:
    assert served.asked("/api/x") == "/v1x"
    assert served.asked("/bare/x") == "//x"


def test_ng110_a_variable_in_the_address_sends_the_path_as_it_stands(served: Served) -> None:
    assert served.asked("/chosen/x") == served.asked("/chosen/y") == "/v1/"


def test_ng118_a_name_and_no_resolver(served: Served) -> None:
    assert served.get("/named/").status == 502
    served.logged("no resolver defined to resolve name.invalid")


def test_ng137_a_timeout_of_0_is_over_at_once(served: Served) -> None:
    assert served.get("/at-once/").status == 504


def test_ng111_an_if_that_only_sets_a_variable_switches_try_files_off(served: Served) -> None:
    assert served.get("/tried/").status == 200
    assert served.get("/tried/if/").status == 404


def test_ng112_the_last_if_that_holds_serves(served: Served) -> None:
    answer = served.get("/two-ifs/")
    assert (answer.get("X-First"), answer.get("X-Second")) == ([], ["1"])


def test_ng114_paths_begin_with_a_slash_and_have_no_arguments(served: Served) -> None:
    assert served.get("/never").status == 404
    assert served.get("/arguments?id=1").status == 404


def test_ng116_the_second_server_of_a_name_is_never_asked(served: Served) -> None:
    assert b"the second" not in served.get("/called").body


def test_ng130_a_file_that_is_there_is_asked_of_the_backend(served: Served) -> None:
    assert served.asked("/files-first/here.txt") == "/here.txt"
    assert served.get("/files-first/nothing").body == b"here", "without a file, the backend is not asked"


def test_ng131_the_last_word_is_gone_to(served: Served) -> None:
    assert served.get("/comes-back/x").status == 500
    served.logged("rewrite or internal redirection cycle")
    assert served.get("/no-slash/x").status == 404
    served.logged("here.txt")


def test_ng132_a_named_location_that_is_not_there(served: Served) -> None:
    assert served.get("/no-name/").status == 500
    served.logged('could not find named location "@nobody"')


def test_ng134_a_return_of_the_server_goes_before_its_locations(served: Served) -> None:
    assert served.get("/.well-known/x", "ended.example").status == 301


def test_ng135_a_rewrite_that_leads_back(served: Served) -> None:
    assert served.get("/cycle/").status == 500
    served.logged("rewrite or internal redirection cycle")


def test_ng136_the_backend_is_asked_for_compressed_answers(served: Served) -> None:
    with Client(served.port) as client:
        assert client.get("/keeping/", {"Host": "usual.example", "Accept-Encoding": "gzip"}).status == 200
    assert served.backend.requests[-1].get("Accept-Encoding") == ["gzip"], "which a backend may follow"


def test_ng138_expires_and_add_header_send_two(served: Served) -> None:
    assert served.get("/twice/here.txt").get("Cache-Control") == ["max-age=2592000", "no-cache"]


def test_ng139_an_alias_under_a_regular_expression_is_the_whole_path(served: Served) -> None:
    assert served.get("/one-file/a").body == served.get("/one-file/b").body == b"here"


def test_ng140_an_alias_is_put_before_the_rest_letter_by_letter(served: Served) -> None:
    assert served.get("/glued/e.txt").body == b"here"


def test_ng142_the_first_name_as_it_stands_in_the_file(served: Served) -> None:
    assert served.get("/called").get("Location") == ["https://*.wild.example/"]


def test_ng145_the_whole_path_stands_behind_a_root(served: Served) -> None:
    assert served.get("/doubled/x.txt").status == 404
    served.logged("/doubled/doubled/x.txt")


def test_ng147_an_ending_without_a_dollar(served: Served) -> None:
    assert served.get("/x.png.html").body == b"a picture"


def test_ng148_captures_are_decoded_and_hold_no_arguments(served: Served) -> None:
    assert served.asked("/captured/x?y=1") == "/x"
    served.get("/captured/a%20b")
    assert served.backend.requests[-1].line.startswith("GET /a b HTTP")
    assert served.asked("/rewritten/a%20b?y=1") == "/a%20b?y=1"
