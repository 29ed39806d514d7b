"""Rules about performance and style where it is close, and what they claim of compression."""

from __future__ import annotations

import json
import zlib

import pytest

from nginxgen.conf.target import ANY, Target
from nginxgen.diagnostic import Edit, Spot
from nginxgen.foreign import parse_text
from nginxgen.lint.rule import Subject
from nginxgen.lint.rules import RULES


def words(code: str, text: str, target: Target = ANY) -> list[str]:
    """The words on which a rule fires."""
    found = list(RULES[code].look(Subject(parse_text(text), target)))
    return [one.where.file.text[slice(*one.where.span)] for one in found if isinstance(one.where, Spot)]


def mended(code: str, text: str, target: Target) -> str:
    """The text with a rule's edits applied, the last first."""
    found = RULES[code].look(Subject(parse_text(text), target))
    edits: list[Edit] = sorted((edit for one in found for edit in one.fix), key=lambda edit: -edit.spot.span.start)
    for edit in edits:
        text = text[: edit.spot.span.start] + edit.text + text[edit.spot.span.end :]
    return text


@pytest.mark.parametrize(
    ("code", "text", "found"),
    [
        ("NG300", "upstream u { server unix:/run/a.sock; }", []),
        ("NG300", "upstream u { server a.example; }", ["u"]),
        ("NG301", "upstream u { server a.example max_conns=5; server b.example; }", ["server"]),
        ("NG301", "upstream u { least_conn; server a.example; }", []),
        ("NG302", "http { gzip on; include more.conf; }", []),
        ("NG304", "http { gzip_types text/css font/woff2 application/json; }", ["font/woff2"]),
        ("NG305", "events {} http {}", ["events"]),
        ("NG305", "events {} worker_processes auto; http {}", []),
        ("NG307", "server { proxy_buffering off; }", []),
        ("NG308", "http { proxy_buffering off; server { proxy_cache a; } }", ["proxy_cache a"]),
        ("NG310", "events {} http { tcp_nopush on; server { sendfile on; } }", []),
        ("NG311", "events {} http { access_log syslog:server=$host combined; }", []),
        ("NG312", "server { location ~ ^/a\\.txt$ { expires 1h; } }", ["^/a\\.txt$"]),
        ("NG312", "server { location ~* ^/a { expires 1h; } location ~ ^/[ab] { expires 1h; } }", []),
        ("NG313", "server { resolver 127.0.0.1 valid=500ms; }", ["valid=500ms"]),
        ("NG313", "server { resolver 127.0.0.1 valid=10s; }", []),
        ("NG500", "server {\n\tlisten 8080;\n\troot /a;\n}", []),
        ("NG501", "server { listen 8080;\n}", []),
        ("NG502", 'server {\n    return 200 "a  \n";\n}', []),
        ("NG503", "server { if ($a) { set $b c; break; } }", []),
        ("NG504", "http { server { listen 80; server_name _; } server { listen 80; server_name a; } }", []),
    ],
)
def test_where_it_is_close(code: str, text: str, found: list[str]) -> None:
    assert words(code, text) == found


@pytest.mark.parametrize(
    ("code", "target", "text", "after"),
    [
        ("NG412", "1.22", "server {\n    listen 80 default;\n}\n", "server {\n    listen 80 default_server;\n}\n"),
        ("NG411", "1.26", "http {\n    http2_push /a;\n    gzip on;\n}\n", "http {\n    gzip on;\n}\n"),
        ("NG502", "any", "http { \n    gzip on;\t\n}\n", "http {\n    gzip on;\n}\n"),
        (
            "NG410",
            "1.26",
            "events {}\nhttp {\n    server {\n        listen 443 ssl http2;\n    }\n}\n",
            "events {}\nhttp {\n    server {\n        listen 443 ssl;\n        http2 on;\n    }\n}\n",
        ),
        # Another server of the socket would lose what the parameter gave it.
        (
            "NG410",
            "1.26",
            "events {}\nhttp { server { listen 443 ssl http2; } server { listen 443 ssl; } }\n",
            "events {}\nhttp { server { listen 443 ssl http2; } server { listen 443 ssl; } }\n",
        ),
    ],
)
def test_what_a_fix_leaves(code: str, target: str, text: str, after: str) -> None:
    assert mended(code, text, Target.parse(target)) == after


def test_the_highest_level_of_compression_saves_next_to_nothing() -> None:
    """What NG303 says: the same library, on JSON as an API answers it."""
    items = [{"id": at, "name": f"part {at * 7919 % 1000}", "price": at * 31 % 977 / 10} for at in range(8000)]
    text = json.dumps(items).encode()
    sizes = {level: len(zlib.compress(text, level)) for level in (1, 6, 9)}
    assert sizes[6] - sizes[9] < 0.03 * sizes[6] < sizes[1] - sizes[6]
