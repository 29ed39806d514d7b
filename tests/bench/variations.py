"""What single settings make of the traffic through the tutorial's rendering: ``python tests/bench/variations.py``.

Takes the options of traffic.py. Each variation is measured in turns with the rendering as it is; what is printed is
how much more (or less) requests and CPU there were with it. Differences of a few percent mean nothing.
"""

# ruff: noqa: T201

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from traffic import compare, in_http, median, read_arguments, rendering, title

Change = Callable[[str], str]


def _change(pattern: str, replacement: str) -> Change:
    return partial(re.sub, pattern, replacement)


def _http(directives: str) -> Change:
    return lambda text: in_http(text, directives)


VARIATIONS: dict[str, Change] = {
    "nothing changed": lambda text: f"{text}\n",
    "one worker": _change("worker_processes auto;", "worker_processes 1;"),
    "worker_cpu_affinity auto": _change("events {", "worker_cpu_affinity auto;\nevents {"),
    "log unbuffered": _change(r" combined buffer=\S+ flush=\S+;", ";"),
    "log off": _change("access_log .*;", "access_log off;"),
    "log buffer 256k": _change("buffer=64k", "buffer=256k"),
    "no keepalive": _change(r"\bkeepalive \d+;", ""),
    "keepalive 8": _change(r"\bkeepalive \d+;", "keepalive 8;"),
    "keepalive 32": _change(r"\bkeepalive \d+;", "keepalive 32;"),
    "keepalive 64": _change(r"\bkeepalive \d+;", "keepalive 64;"),
    "keepalive 128": _change(r"\bkeepalive \d+;", "keepalive 128;"),
    "keepalive 256": _change(r"\bkeepalive \d+;", "keepalive 256;"),
    "backends: keepalive_requests 100000": _change(r"\b(keepalive \d+;)", r"\1 keepalive_requests 100000;"),
    "clients: keepalive_requests 100000": _http("keepalive_requests 100000;"),
    "no zone": _change(r"zone \w+ \S+;", ""),
    "no tcp_nopush": _change("tcp_nopush on;", ""),
    "no sendfile": _change("sendfile on;", ""),
    "multi_accept on": _change("events {", "events { multi_accept on;"),
    "accept_mutex on": _change("events {", "events { accept_mutex on;"),
    "reuseport": _change(r"(listen \S+);", r"\1 reuseport;"),
    "pcre_jit on": _change("events {", "pcre_jit on;\nevents {"),
    "timer_resolution 100ms": _change("events {", "timer_resolution 100ms;\nevents {"),
    "proxy_buffering off": _http("proxy_buffering off;"),
    "proxy_request_buffering off": _http("proxy_request_buffering off;"),
    "proxy_buffer_size 16k": _http("proxy_buffer_size 16k; proxy_buffers 8 16k;"),
    "proxy_socket_keepalive on": _http("proxy_socket_keepalive on;"),
    "open_file_cache": _http("open_file_cache max=1000;"),
    "four headers instead of all": _change(
        r"proxy_set_header (?!(?:Host|X-Real-IP|X-Forwarded-For|X-Forwarded-Proto|Connection) ).*;", ""
    ),
}


def main() -> None:
    """Measure, and print."""
    arguments = read_arguments()
    print(title(arguments))
    plain = rendering()
    for name, change in VARIATIONS.items():
        changed = change(plain)
        if changed == plain:
            print(f"  {name:36} is what the rendering says")
            continue
        runs = compare({"plain": plain, name: changed}, arguments)
        base, other = median(runs["plain"]), median(runs[name])
        print(
            f"  {name:36} requests/s {other.rate / base.rate - 1:+6.1%}   CPU each {other.cpu / base.cpu - 1:+6.1%}"
            f"   {other.errors} errors (others: {max(base.others, other.others):.0%} of a core)",
            flush=True,
        )


if __name__ == "__main__":
    main()
