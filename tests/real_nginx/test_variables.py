"""The tables of directives and variables against real binaries: what each of them knows, and in which contexts.

nginx stops at the first mistake, so each question is a file of its own; one takes two milliseconds.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nginxgen.conf.facts import directive_names, forms, variable_prefixes, variables
from nginxgen.conf.target import Target
from nginxgen.conf.version import Version
from nginxgen.proof.binary import NginxBinary

pytestmark = pytest.mark.nginx

CONTEXTS = {
    "events": "events {{ {}; }}",
    "http": "events {{}}\nhttp {{ {}; }}",
    "main": "{};\nevents {{}}",
    "upstream": "events {{}}\nhttp {{ upstream u {{ {}; server 127.0.0.1; }} }}",
    "server": "events {{}}\nhttp {{ server {{ {}; }} }}",
    "location": "events {{}}\nhttp {{ server {{ location / {{ {}; }} }} }}",
    "if in server": "events {{}}\nhttp {{ server {{ if ($host) {{ {}; }} }} }}",
    "if in location": "events {{}}\nhttp {{ server {{ location / {{ if ($host) {{ {}; }} }} }} }}",
    "limit_except": "events {{}}\nhttp {{ server {{ location / {{ limit_except GET {{ {}; }} }} }} }}",
}
UNKNOWN, ELSEWHERE, HERE = "unknown", "not allowed here", "allowed"

OTHER_SYSTEMS = {
    "ngx_devpoll_module",
    "ngx_eventport_module",
    "ngx_iocp_module",
    "ngx_kqueue_module",
    "ngx_event_quic_bpf",
}
"""Modules for Solaris, Windows, BSD and some kernels of Linux: a binary has those of the machine it was built on."""
KNOWN_EARLIER = {
    "1.22.1": {"max_headers"},
}
"""Directives that Debian's nginx has from a later release, with the security fixes that came to it."""


def answers(nginx: NginxBinary, folder: Path, texts: Iterable[str]) -> list[str]:
    """What a binary says of each of many files."""

    def ask(numbered: tuple[int, str]) -> str:
        number, text = numbered
        file = folder / f"{number}.conf"
        file.write_text(text)
        command = [nginx.path, "-t", "-e", "stderr", "-p", str(folder), "-c", str(file)]
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=60)
        return done.stderr.decode("utf-8", "replace")

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(ask, enumerate(texts)))


def expected(target: Target, name: str, context: str) -> str:
    """What the facts say of a directive in a context."""
    if target.has(name, context):
        return HERE
    known = any(target.has(name, other) for form in forms(name) for other in form.contexts)
    return ELSEWHERE if known else UNKNOWN


def questions() -> list[tuple[str, str]]:
    """Every directive in every context where some nginx has it, and in one where none has."""
    asked = []
    for name in directive_names():
        contexts = {context for form in forms(name) for context in form.contexts}
        if OTHER_SYSTEMS.isdisjoint(form.module for form in forms(name)):
            asked += [(name, context) for context in CONTEXTS if context in contexts or "any" in contexts]
            asked += [(name, context) for context in CONTEXTS if context not in contexts][:1]
    return asked


def test_every_directive_is_known_in_its_contexts_and_in_no_other(nginx: NginxBinary, tmp_path: Path) -> None:
    asked = questions()
    target = nginx.target
    earlier = KNOWN_EARLIER.get(str(target.lowest), set())
    wrong = {}
    said = answers(nginx, tmp_path, (CONTEXTS[context].format(name) for name, context in asked))
    for (name, context), text in zip(asked, said, strict=True):
        unknown = f'unknown directive "{name}"' in text
        found = UNKNOWN if unknown else ELSEWHERE if f'"{name}" directive is not allowed here' in text else HERE
        wanted = expected(target, name, context)
        if name in earlier:
            assert (wanted, found) != (UNKNOWN, UNKNOWN), f"{name} is no exception any more"
        elif found != wanted:
            wrong[name, context] = f"{wanted} by the facts, {found} to nginx"
    assert wrong == {}


USED = "events {{}}\nhttp {{ server {{ {} }} }}"


def using(name: str) -> str:
    """A location that uses a variable."""
    return f'location "/{name}" {{ return 200 "${{{name}}}"; }}\n'


def test_every_variable_is_known_since_its_release_and_with_its_module(nginx: NginxBinary, tmp_path: Path) -> None:
    target = nginx.target
    table = {**variables(), **{f"{prefix}x": row for prefix, row in variable_prefixes().items()}}
    known, unknown = [], []
    for name, row in table.items():
        since = Version.parse(row["from"]) if "from" in row else None
        (known if target.since(since) and target.has_module(row["module"]) else unknown).append(name)
    together, *apart = answers(
        nginx, tmp_path, [USED.format("".join(map(using, known))), *(USED.format(using(name)) for name in unknown)]
    )
    assert "test is successful" in together, together
    wrong = [name for name, said in zip(unknown, apart, strict=True) if f'unknown "{name}" variable' not in said]
    assert wrong == [], "these are known to nginx, against the table"


def test_a_variable_that_nobody_has_is_unknown(nginx: NginxBinary, tmp_path: Path) -> None:
    # Shows that the test above can fail.
    (said,) = answers(nginx, tmp_path, [USED.format(using("nobody"))])
    assert 'unknown "nobody" variable' in said
