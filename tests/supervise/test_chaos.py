"""Chaos: what a running system is told and what is done to it, again and again under load, and what that costs.

The rounds are few, for every change of the project; NGINXGEN_CHAOS=long makes them as many as one wants to see once.
Both print what they counted when all tests have run.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from nginxgen.conf.version import Version
from nginxgen.proof.binary import NginxBinary
from support.chaos import AGAIN, Record, Storm, storm, times

HELD = ("fd", "{fd}")
PORT = ("port", "{port}")
MIN_TIMEOUT_SINCE = Version(1, 27, 4)
"""nginx has ``keepalive_min_timeout``, without which a reload closes connections on which a request may be coming."""

WRONG = [
    "bogus = 1",
    'proxy_read_timeout = "ten minutes"',
    "return = [99, 'x']",
    "root = ",
    'path = "/again"',
    'directives = [["proxy_cache", "nosuch"]]',  # only nginx itself knows
]


def without_loss(nginx: NginxBinary) -> str:
    """The ``keepalive_timeout`` with which reloads of this nginx lose nothing; empty for the default."""
    return "" if nginx.target.since(MIN_TIMEOUT_SINCE) else "0"


def lost_nothing(system: Storm) -> None:
    """Whether every request of every client was answered with what it asked for."""
    assert system.failures == []
    assert system.wrk.failed == 0


@pytest.mark.parametrize(("words", "timeout"), [(HELD, ""), (PORT, "0")], ids=["held-kept", "port-closed"])
def test_what_it_is_told_costs_no_request(
    words: tuple[str, ...], timeout: str, nginx: NginxBinary, tmp_path: Path, record_property: Record
) -> None:
    with storm(tmp_path, nginx, words, timeout or without_loss(nginx), record_property) as system:
        reloads_lose_nothing(system)
        wrong_edits_lose_nothing(system)
        rolling_restarts_lose_nothing(system)
        scaling_loses_nothing(system)


def reloads_lose_nothing(system: Storm) -> None:
    rounds = times(8, 100)
    with system.load(f"{len(rounds)} reloads"):
        for number in rounds:
            system.edit()
            assert system.number() == number + 1, "the first answer after it is the new one"
    lost_nothing(system)


def wrong_edits_lose_nothing(system: Storm) -> None:
    rounds = times(len(WRONG), 50)
    before = system.up.status()["nginx"]["generation"], system.up.pids()
    with system.load(f"{len(rounds)} wrong edits"):
        for number in rounds:
            system.edit_wrongly(WRONG[number % len(WRONG)])
    assert (system.up.status()["nginx"]["generation"], system.up.pids()) == before
    lost_nothing(system)


def rolling_restarts_lose_nothing(system: Storm) -> None:
    rounds = times(2, 20)
    with system.load(f"{len(rounds)} rolling restarts"):
        for _ in rounds:
            before = system.up.pids()
            system.up.tell("restart", group="app")
            assert set(system.up.pids()).isdisjoint(before)
    lost_nothing(system)


def scaling_loses_nothing(system: Storm) -> None:
    rounds = times(2, 20)
    with system.load(f"{len(rounds)} times to 4 workers and back to 2"):
        for _ in rounds:
            for count in (4, 2):
                system.up.tell("scale", group="app", count=count)
                assert len(system.up.pids()) == count
    lost_nothing(system)


@pytest.mark.parametrize("words", [HELD, PORT], ids=["held", "port"])
def test_killed_workers_cost_the_posts_that_they_had(
    words: tuple[str, ...], nginx: NginxBinary, tmp_path: Path, record_property: Record
) -> None:
    rounds = times(6, 50)
    with storm(tmp_path, nginx, words, without_loss(nginx), record_property) as system:
        with system.load(f"{len(rounds)} kill -9 of a worker"):
            kills = []
            for number in rounds:
                kills.append(system.kill_worker(number % 2))
                system.breathe()  # nginx hears that the connections it kept to that worker have ended
        assert system.get.failures == []
        assert system.wrk.failed == 0
        for one in system.post.failures:
            # The system closes the connections of a process that was killed one by one, which takes milliseconds; what
            # nginx sends on those that are still open is in that process as well.
            victims = [address for address, killed, ended in kills if one.was_under_way(killed, ended)]
            assert one.what == "502"
            assert one.asked in victims, "what went to other processes, or was sent after its end, is answered"


def test_every_worker_killed_at_once_costs_no_get_with_held_sockets(
    nginx: NginxBinary, tmp_path: Path, record_property: Record
) -> None:
    rounds = times(5, 50)
    with storm(tmp_path, nginx, HELD, without_loss(nginx), record_property) as system:
        with system.load(f"{len(rounds)} kill -9 of every worker at once"):
            for _ in rounds:
                system.breathe()
                system.kill_all_workers()
        assert system.get.failures == []
        assert system.wrk.failed == 0


def test_killed_workers_of_nginx_cost_their_own_connections(
    nginx: NginxBinary, tmp_path: Path, record_property: Record
) -> None:
    rounds = times(3, 10)
    with storm(tmp_path, nginx, HELD, "", record_property) as system:
        with system.load(f"{len(rounds)} kill -9 of a worker of nginx"):
            kills = []
            for _ in rounds:
                system.breathe()
                kills.append(system.kill_of_nginx())
        for one in system.failures:
            victims = [victim for victim, killed, taken in kills if one.was_under_way(killed, killed + taken)]
            assert victims, "nothing fails at other times"
            assert one.worker in ("", *victims), "connections of other workers go on; new ones are nobody's yet"
        system.note(f"nginx had its workers again after at most {1000 * max(back for *_, back in kills):.0f} ms")
        assert max(back for *_, back in kills) < AGAIN


def test_a_killed_main_process_of_nginx_costs_nothing(
    nginx: NginxBinary, tmp_path: Path, record_property: Record
) -> None:
    rounds = times(2, 5)
    with storm(tmp_path, nginx, HELD, without_loss(nginx), record_property) as system:
        with system.load(f"{len(rounds)} kill -9 of nginx's main process"):
            taken = []
            for _ in rounds:
                system.breathe()
                taken.append(system.kill_nginx())
        lost_nothing(system)
        system.note(f"another nginx served, and no worker of the one before, after at most {1000 * max(taken):.0f} ms")
        assert max(taken) < AGAIN


def test_what_a_reload_costs_where_nginx_cannot_avoid_it(
    nginx: NginxBinary, tmp_path: Path, record_property: Record
) -> None:
    """Kept connections and an nginx without ``keepalive_min_timeout``: a figure, and not a promise."""
    if nginx.target.since(MIN_TIMEOUT_SINCE):
        pytest.skip(f"nginx {nginx.target.lowest} can avoid it")
    rounds = times(8, 100)
    with storm(tmp_path, nginx, HELD, "", record_property) as system:
        with system.load(f"{len(rounds)} reloads, which may cost something"):
            for _ in rounds:
                system.edit()
        share = 1000 * len(system.failures) / (system.get.counted.total() + system.post.counted.total())
        wrk = 1000 * system.wrk.failed / max(system.wrk.requests, 1)
        system.note(f"lost of each thousand requests: {share:.2f}, of wrk's {wrk:.2f}")
        assert {one.what for one in system.failures} <= {"ConnectionResetError", "BrokenPipeError"}
