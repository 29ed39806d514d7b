"""What can be seen of a running nginx: its master, whether that is at work, its addresses, how a reload ends."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from nginxgen.errors import Unavailable
from nginxgen.live.log import LogWatch
from nginxgen.live.master import is_idle, master_of, may_signal, read_pid
from nginxgen.live.reload import Ending, reload
from nginxgen.live.sockets import Address, held_by, numeric, why_not
from support.installed import Host
from support.running import wait_until

pytestmark = pytest.mark.nginx


def test_how_a_master_was_started(host: Host) -> None:
    master = master_of(read_pid(host.folder / "nginx.pid"))
    assert master.pid == host.master.pid
    assert master.prefix == str(host.folder)
    assert master.config == str(host.conf)
    assert master.directives == "daemon off;"
    assert master.binary == os.path.realpath(host.binary.path)
    assert master.is_same(master.pid, master.started)
    assert not master.is_same(master.pid, master.started - 10)
    assert may_signal(master)
    wait_until(lambda: is_idle(master), "the master waits for signals")


def test_a_worker_is_no_master(host: Host) -> None:
    wait_until(host.serving, "workers serve")
    worker = min(host.serving())
    with pytest.raises(Unavailable, match=f"process {worker} is .*, and no master of an nginx"):
        master_of(worker)


def test_addresses_of_a_master(host: Host) -> None:
    assert held_by(host.master) == {Address("tcp", "127.0.0.1", host.port)}
    assert why_not(Address("tcp", "127.0.0.1", host.port))
    assert why_not(Address("tcp", "*", host.port))


def test_a_reload_that_is_done(host: Host) -> None:
    done = reload(master_of(host.master.pid))
    assert done.ending is Ending.SERVES
    assert {one.pid for one in done.now.serving} == host.serving()
    assert not done.now.serving & done.before.serving


def test_a_refused_reload_is_known_at_once(host: Host) -> None:
    host.conf.write_text("no configuration\n")
    watch = LogWatch([host.folder / "error.log", host.folder / "nosuch"])
    done = reload(master_of(host.master.pid))
    assert done.ending is Ending.REFUSED
    assert done.now.serving == done.before.serving
    if Path("/proc/self/status").exists():
        assert done.seconds < 5
    assert "[emerg]" in watch.news()


def test_a_worker_of_before_that_does_not_leave(host: Host) -> None:
    wait_until(lambda: len(host.serving()) == 2, "both workers serve")
    stopped = psutil.Process(min(host.serving()))
    stopped.send_signal(signal.SIGSTOP)
    try:
        done = reload(master_of(host.master.pid), limit=1)
        assert done.ending is Ending.MIXED
        assert stopped in done.now.serving
        assert done.now.serving - done.before.serving
    finally:
        stopped.send_signal(signal.SIGCONT)
    wait_until(lambda: stopped.pid not in host.serving(), "it leaves")


def test_a_log_that_was_begun_anew_is_read_whole(tmp_path: Path) -> None:
    log = tmp_path / "error.log"
    log.write_text("one\ntwo\n")
    watch = LogWatch([log])
    assert watch.news() == ""
    log.write_text("new\n")
    assert watch.news() == "new\n"


def test_what_can_be_bound(tmp_path: Path) -> None:
    assert why_not(Address("tcp", "192.0.2.1", 80)) == os.strerror(99)
    assert why_not(Address("unix", str(tmp_path))) == "a file of that name exists"
    assert why_not(Address("unix", str(tmp_path / "new"))) is None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        assert why_not(Address("udp", "127.0.0.1", port))
    assert why_not(Address("udp", "127.0.0.1", port)) is None


def test_names_are_looked_up() -> None:
    assert Address("tcp", "127.0.0.1", 80) in numeric(Address("tcp", "localhost", 80))
    assert numeric(Address("tcp", "nosuch.invalid", 80)) == {Address("tcp", "nosuch.invalid", 80)}
    assert numeric(Address("tcp", "0:0::1", 80)) == {Address("tcp", "::1", 80)}
