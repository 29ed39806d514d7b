"""What a real nginx makes of raw words: of all directives, geo is the one whose values it takes as they are."""

from __future__ import annotations

from collections.abc import Sequence

from nginxgen.proof.binary import NginxBinary
from support.running import Client, free_port, running_nginx

BATCH = 4000


def read_by_nginx(binary: NginxBinary, tokens: Sequence[str]) -> list[bytes]:
    """The value that an nginx reads for each word, written as it would stand in nginx.conf; byte for byte over HTTP."""
    found: list[bytes] = []
    for start in range(0, len(tokens), BATCH):
        found += _batch(binary, tokens[start : start + BATCH])
    return found


def _batch(binary: NginxBinary, tokens: Sequence[str]) -> list[bytes]:
    port = free_port()
    variables = "".join(f"geo $v{at} {{ default {token}; }}\n" for at, token in enumerate(tokens))
    locations = "".join(f"location = /{at} {{ return 200 $v{at}; }}\n" for at in range(len(tokens)))
    text = (
        "events {\n}\n"
        "http {\n"
        "access_log off; keepalive_requests 1000000; variables_hash_max_size 65536; default_type text/plain;\n"
        f"{variables}server {{ listen 127.0.0.1:{port};\n{locations}}}\n}}\n"
    )
    with running_nginx(binary, text, port), Client(port) as client:
        answers = [client.get(f"/{at}") for at in range(len(tokens))]
    assert {answer.status for answer in answers} == {200}
    return [answer.body for answer in answers]
