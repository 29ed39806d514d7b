"""Texts for every kind of text that the model knows.

A kind is asked which of the texts below it takes, so that a new field of a known kind needs nothing here, and a new
kind only a text that it takes.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from nginxgen.model.kind import Kind, NotValid

# What stands in files of real life, one of each sort; the first that a kind takes is its sample.
PLAIN = (
    *(
        "harmless",
        "text/html",
        "60s",
        "300ms",
        "1h30m",
        "1y",
        "8k",
        "16m",
        "512",
        "2g",
        "10r/s",
        "30r/m",
        "clients:10m",
        "uploads:1m",
        "20%",
        "0.5%",
        "4",
        "-10",
        "auto",
        "=",
    ),
    *("127.0.0.1:8080", "10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "[::1]:8080", "app.internal:8080", "[::]:443"),
    *("unix:/run/app.sock", "*:8000-8010", "unix:", "all", "http://app", "https://app/base/", "http://$host$uri"),
    *("http://unix:/run/app.sock:/x", "grpcs://app", "suwsgi://10.0.0.1:3031", "/srv/www", "/", "= /exact", "@named"),
    *(
        "^~ /static/",
        r"~ \.php$",
        r"~* ^/(?<name>.+)\.(jpe?g|png)$",
        r"^(.+\.php)(/.+)$",
        "example.org",
        "*.example.org",
    ),
    *("www.example.*", ".example.org", r"~^www\d{1,3}\.example\.org$", "_", "", "$my_value", "$hostname"),
    *("X-Real-IP", "*"),
    *("html", "tar.gz", "TZ", "KEY=some value", "www-data", "$uri", "a.b-c", "200", "max"),
)
# Words that mean something to nginx or to crossplane somewhere, and must not begin to where they are values.
MEANING = (
    *(
        "on",
        "off",
        "none",
        "default",
        "hostnames",
        "volatile",
        "include",
        "ranges",
        "delete",
        "proxy",
        "if",
        "location",
    ),
    *("server", "http", "events", "upstream", "types", "map", "geo", "set_by_lua_block", "content_by_lua", "combined"),
    *("backup", "down", "resolve", "drain", "always", "consistent", "inflight", "two", "least_conn", "nodelay", "ssl"),
    *("if_not_empty", "httponly", "header", "local", "gzip", "gzip=5", "buffer", "buffer=8k", "flush=1s", "if=$uri"),
    *("escape=json", "escape=", "escape", "valid", "valid=1s", "ipv4", "ipv6=off", "weight=2", "weight", "zone=a:1m"),
    *("expires=1h", "domain=a", "rate=1r/s", "burst=5", "delay=1", "=404", "=", "=200", "@named", "~", "~*", "^~", "@"),
    *(r"\default", r"\include", r"\~x", r"\\", "\\", "stderr", "syslog:server=127.0.0.1", "memory:1m", "engine:a:b"),
    *("0", "1", "007", "444", "(a)", "((a))", "(", ")", "()", "!", "true", "false", "None", "127.0.0.1", "localhost"),
)
# What would be syntax if it stood there bare, and what readers are known to read differently.
HOSTILE = (
    *(
        "a b",
        " a",
        "a ",
        " ",
        "a;b",
        ";",
        "a}b",
        "}",
        "a{b",
        "{",
        "a#b",
        "#",
        "# x",
        '"',
        "'",
        'a"b',
        "a'b",
        '""',
        "''",
    ),
    *('";', "';", '" ; evil on; "', "x; } evil { y", "; evil on", "} evil {", "x\\", "\\", '\\"', "\\'", "\\n", "\\;"),
    *(
        "a\\b",
        "C:\\new\\table",
        "{2,3}",
        "a{2,3}",
        "$",
        "$$",
        "${",
        "${uri} b",
        "a$",
        "é",
        "\u00a0",
        "a\u00a0b",
        "\u2028",
    ),
    *("\u0085", "a\u3000b", "\ufeff", "\u202eevil", "\U0001f600", "{{ 7 * 7 }}", "{% include 'x' %}", "{# x #}"),
)
REFUSED = ("\x00", "a\x00b", "\n", "a\nb; evil on", "\r", "a\rb", "\t", "\x0b", "\x1b[2J", "\x7f", "\ud800", "a\udfffb")
LONG = ("x" * 4090, '"' * 2045, "é" * 2045, "x" * 4089, "x" * 4091, "\\" * 2046)

_PIECES = (
    *('"', "'", "\\", "{", "}", "#", ";", " ", "  ", "$uri", "${host}", "é", "\u00a0", "\u2028", "(", ")", "[", "]"),
    *("=", "~", "@", "/", ".", "*", "|", "^", "%", "&", ",", ":", "-", "a", "b", "evil on", "{2,3}", "n", "t", "0"),
)


def accepts(kind: Kind, text: Any) -> bool:
    """Whether a kind takes a text."""
    try:
        kind.read(text)
    except NotValid:
        return False
    return True


@cache
def sample(kind: Kind) -> str:
    """A text of a kind, always the same."""
    found = next((one for one in (*PLAIN, *MEANING) if accepts(kind, one)), None)
    assert found is not None, f"no text here is {kind.name}; add one"
    return found


@cache
def samples(kind: Kind) -> tuple[Any, ...]:
    """Every text above that a kind takes, and the other scalars that may stand for one."""
    texts = dict.fromkeys((sample(kind), *PLAIN, *MEANING, *HOSTILE, *LONG[:3]))
    return tuple(one for one in (*texts, 0, 80, 443, True, False) if accepts(kind, one))


@cache
def is_free(kind: Kind) -> bool:
    """Whether a kind takes what would be syntax if it stood bare."""
    return sum(accepts(kind, one) for one in HOSTILE) > len(HOSTILE) // 2


pieces = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=6).map("".join)
characters = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
anything = st.one_of(
    st.sampled_from((*PLAIN, *MEANING, *HOSTILE, *REFUSED, *LONG)), pieces, characters, st.text(max_size=20)
)
"""Any text at all, most of it of the sort that breaks things."""


@cache
def texts(kind: Kind) -> st.SearchStrategy[Any]:
    """Values of a kind: those above, and these with something put into them where the kind takes that."""

    def grown(known: Any, piece: str, at: int) -> Any:
        if not isinstance(known, str):
            return known
        candidate = known[:at] + piece + known[at:]
        return candidate if accepts(kind, candidate) else known

    known = st.sampled_from(samples(kind))
    inserted = st.one_of(pieces, characters) if is_free(kind) else pieces
    return st.one_of(known, st.builds(grown, known, inserted, st.integers(0, 12)))
