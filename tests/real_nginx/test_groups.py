"""Groups of backends: strict turns, state that all workers share, and restarts of backends that cost nothing."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.load import Load
from support.running import free_port, recording_backend, wait_until, workers
from support.site import Served, Site

pytestmark = pytest.mark.nginx

TWO_BACKENDS = """
[nginx]
worker_processes = 1
[upstream.app]
servers = ["127.0.0.1:FIRST", "127.0.0.1:SECOND"]
[[server]]
listen = ["127.0.0.1:PORT"]
[[server.location]]
path = "/"
upstream = "app"
"""


def answer(text: str) -> bytes:
    """The answer of a backend that says its name."""
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


def test_two_backends_take_turns_one_to_one(site: Site) -> None:
    with (
        recording_backend(answer("first")) as first,
        recording_backend(answer("second")) as second,
        site.serve(TWO_BACKENDS, FIRST=first.port, SECOND=second.port) as served,
    ):
        with served.client() as client:
            answers = [client.get().body for _ in range(20)]
        answers += [served.get().body for _ in range(20)]
        assert answers == [b"first", b"second"] * 20
        assert (len(first.requests), len(second.requests)) == (20, 20)


def restart_in_turn(served: Served, ports: list[int]) -> dict[str, int]:
    """What clients lose while each of the backends is stopped and started again, three times, one after the other."""
    with contextlib.ExitStack() as end:
        running = [end.enter_context(contextlib.ExitStack()) for _ in ports]
        for one, port in zip(running, ports, strict=True):
            one.enter_context(recording_backend(port=port))
        with Load(served.port, expected=b"ok") as load:
            load.wait_for(5)
            for _ in range(3):
                for one, port in zip(running, ports, strict=True):
                    one.close()
                    load.wait_for(5)
                    one.enter_context(recording_backend(port=port))
                    load.wait_for(5)
        return load.failed


def test_a_rolling_restart_of_two_backends_loses_no_get(site: Site) -> None:
    ports = [free_port(), free_port()]
    with site.serve(TWO_BACKENDS, FIRST=ports[0], SECOND=ports[1]) as served:
        assert restart_in_turn(served, ports) == {}


def test_with_the_defaults_of_nginx_it_does(site: Site) -> None:
    # Shows that the test above can fail.
    ports = [free_port(), free_port()]
    text = 'defaults = "nginx"\n' + TWO_BACKENDS
    with site.serve(text, FIRST=ports[0], SECOND=ports[1]) as served:
        assert restart_in_turn(served, ports)["502"] > 0


ONE_IS_BAD = """
[nginx]
worker_processes = 2
[upstream.app]
servers = [{ address = "127.0.0.1:BAD", max_fails = 1, fail_timeout = "60s" }, "127.0.0.1:GOOD"]
[[server]]
listen = ["127.0.0.1:PORT"]
add_header = { X-Worker = "$pid" }
[[server.location]]
path = "/"
upstream = "app"
"""


@contextlib.contextmanager
def only(worker: int, all_workers: set[int]) -> Iterator[None]:
    """Let one worker take connections, and hold the others."""
    others = all_workers - {worker}
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        # Until it really stands still, it may be woken for a connection that it then does not take.
        wait_until(lambda: all(map(is_held, others)), "the other workers stand still")
        yield
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


def is_held(worker: int) -> bool:
    """Whether a process has been stopped (proc(5), state)."""
    return Path(f"/proc/{worker}/stat").read_text().rpartition(") ")[2].startswith("T")


def failures_seen(site: Site, toml: str) -> int:
    """How often two workers try a backend that fails, when one failure is enough to leave it alone."""
    with (
        recording_backend(b"") as bad,
        recording_backend() as good,
        site.serve(toml, BAD=bad.port, GOOD=good.port) as served,
    ):
        wait_until(lambda: len(workers(served.folder)) == 2, "two workers")
        both = workers(served.folder)
        for worker in both:
            with only(worker, both):
                for _ in range(6):
                    got = served.get()
                    assert (got.status, got.get("X-Worker")) == (200, [str(worker)])
        return len(bad.requests)


def test_a_failure_that_one_worker_saw_is_known_to_all(site: Site) -> None:
    assert failures_seen(site, ONE_IS_BAD) == 1


def test_without_a_zone_every_worker_finds_out_for_itself(site: Site) -> None:
    # Shows that the test above can fail.
    assert failures_seen(site, ONE_IS_BAD.replace("[upstream.app]", "[upstream.app]\nzone = false")) == 2


TWO_GROUPS = """
[upstream.one]
servers = ["127.0.0.1:8001"]
[upstream.two]
servers = ["127.0.0.1:8002"]
[[server]]
[[server.location]]
path = "/one"
upstream = "one"
[[server.location]]
path = "/two"
upstream = "two"
"""


def test_every_group_has_shared_memory_of_its_own_name(site: Site) -> None:
    text = site.render(TWO_GROUPS)
    assert "        zone one " in text
    assert "        zone two " in text
