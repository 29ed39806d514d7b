"""A rehearsal from its beginning to its end: tests in, what came of each out."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any, NamedTuple

from nginxgen.diagnostic import Diagnostic, note
from nginxgen.errors import ConfigError
from nginxgen.model.test import Test
from nginxgen.proof.asking import Verdict
from nginxgen.proven import Rendered
from nginxgen.rehearsal.casting import Chosen, case_of, find_problems, gather_files, listener_for, needs_own_network
from nginxgen.rehearsal.company import Company
from nginxgen.rehearsal.judging import Happened, in_utf8, judge
from nginxgen.rehearsal.places import Places
from nginxgen.rehearsal.stage import Stage

Json = dict[str, Any]
_SHOWN = {"passed": "passed", "failed": "failed", "skipped": "not run"}

_WITHOUT_STAND_IN = {
    "resolver": "name servers have no stand-in: what nginx looks up while it serves is not found",
    "proxy_pass_request_headers off": "what is passed without the client's headers cannot be told apart, and counts for"
    " no test",
}
"""What tests do not show, by the directives, or directives and words, that bring it about."""


class Result(NamedTuple):
    """What came of a test."""

    at: int
    """Its position in the cluster."""
    title: str
    failures: tuple[Diagnostic, ...]
    seconds: float = 0.0
    skipped: str | None = None
    """Why it was not run; it has then neither passed nor failed."""

    @property
    def outcome(self) -> str:
        """``passed``, ``failed`` or ``skipped``."""
        return "skipped" if self.skipped else "failed" if self.failures else "passed"


class Rehearsal(NamedTuple):
    """What came of all tests."""

    results: tuple[Result, ...]
    notes: tuple[Diagnostic, ...]
    """What was other than it will be, as far as that could matter."""
    network: str
    """Where it took place."""

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Every failure and every note."""
        return (*(found for one in self.results for found in one.failures), *self.notes)

    @property
    def counted(self) -> dict[str, int]:
        """How many tests passed, failed and were skipped."""
        outcomes = [one.outcome for one in self.results]
        return {outcome: outcomes.count(outcome) for outcome in ("passed", "failed", "skipped")}

    @property
    def counts(self) -> str:
        """The same in words."""
        shown = [f"{count} {_SHOWN[outcome]}" for outcome, count in self.counted.items() if count]
        return ", ".join(shown)

    @property
    def failed(self) -> list[Result]:
        """The tests that failed."""
        return [one for one in self.results if one.failures]


def rehearse(
    tests: Sequence[Test],
    rendered: Rendered,
    accepted: Verdict,
    names: str | None = None,
    own_network: bool = True,
) -> Rehearsal:
    """Run tests on a real nginx, with stand-ins for everything that is elsewhere.

    Args:
        tests: those of the cluster, in its order.
        rendered: the cluster's text.
        accepted: what the binary, which serves it, said of the text: that it takes it.
        names: run only tests in whose name, or request when there is none, this stands.
        own_network: whether a network of its own is tried first, where addresses and ports are those of the cluster.

    Raises:
        ConfigError: when tests ask where nobody listens, or contradict each other.
        NotPerformed: when nginx or a stand-in did not start.
        Unavailable: when a process or a port cannot be had.
    """
    chosen = {at: test for at, test in enumerate(tests) if names is None or names in test.title}
    files, problems = gather_files(tests)
    with tempfile.TemporaryDirectory(prefix="nginxgen-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with Company(folder, own_network) as company:
            places = Places(folder, company.network is None, company.has_ipv6)
            stage = _set_up(rendered, accepted, folder, places, files)
            problems += find_problems(chosen, stage.listeners)
            if problems:
                raise ConfigError(problems, rendered.sources)
            reason = f"the client's address needs a network of its own, which this machine refuses ({company.network})"
            skipped = {
                at: reason
                for at, test in chosen.items()
                if not places.own_network and needs_own_network(test, _listener(test, stage))
            }
            played = {at: test for at, test in chosen.items() if at not in skipped}
            performed = company.perform(_plan(played, stage, accepted, rendered)) if played else {}
    results = [Result(at, chosen[at].title, (), skipped=reason) for at, reason in skipped.items()]
    for number, (at, test) in enumerate(played.items()):
        happened = _in_original_words(performed["answers"][number], performed["taken"][number], stage)
        results.append(Result(at, test.title, judge(test, at, happened), performed["seconds"][number]))
    network = "in a network of its own" if places.own_network else "on loopback addresses"
    results.sort(key=lambda one: one.at)
    return Rehearsal(tuple(results), tuple(_notes(stage, rendered, skipped)), network)


def _set_up(rendered: Rendered, accepted: Verdict, folder: Path, places: Places, files: Mapping[str, str]) -> Stage:
    names = rendered.sources.names if rendered.sources else []
    home = Path(names[0]).parent.resolve() if names else Path.cwd()
    stage = Stage(rendered.text, folder, accepted.binary.target, places, files, home)
    for line, reason in accepted.unwanted.items():
        stage.leave_out(line, reason)
    (folder / "nginx.conf").write_text(stage.text(), encoding="utf-8", newline="")
    return stage


def _listener(test: Test, stage: Stage) -> Any:
    found = listener_for(test, stage.listeners)
    assert found is not None, "tests without a listener were refused"
    return found


def _plan(played: Chosen, stage: Stage, accepted: Verdict, rendered: Rendered) -> Json:
    binary = accepted.binary
    quiet = ["-e", str(stage.folder / "error.log")] if binary.target.lowest >= (1, 19, 5) else []
    file = str(stage.folder / "nginx.conf")
    cases = [case_of(test, number, _listener(test, stage)) for number, test in enumerate(played.values())]
    counts = _counts_failures(rendered)
    chosen = {server.address for one in rendered.expanded.cluster.upstream.values() for server in one.servers[1:]}
    chosen |= {one.servers[0].address for one in rendered.expanded.cluster.upstream.values() if len(one.servers) > 1}
    alone = [number for number, test in enumerate(played.values()) if _keeps_state(test, counts, chosen)]
    together = [number for number in range(len(cases)) if number not in alone]
    return {
        "stand_ins": [{"address": one.place, "name": one.name} for one in stage.places.stand_ins.values()],
        "cases": cases,
        "rounds": [one for one in (together, *([number] for number in alone)) if one],
        "command": [binary.path, "-p", f"{stage.folder}/", *quiet, "-c", file],
        "pid": str(stage.pid),
        "wiped": stage.caches,
        "libraries": _libraries(),
    }


def _libraries() -> list[str]:
    """Where h2 and what it needs lie; the process that performs looks nowhere by itself."""
    found = (importlib.util.find_spec(name) for name in ("h2", "hpack", "hyperframe"))
    return sorted({str(Path(one.origin).parents[1]) for one in found if one is not None and one.origin})


def _keeps_state(test: Test, counts_failures: bool, chosen: Set[str]) -> bool:
    """Whether a test depends on what came before it, or leaves something behind for others.

    Args:
        test: which one.
        counts_failures: whether nginx leaves servers alone that have failed.
        chosen: the servers of groups with several, of which it depends on the turn which one is asked.
    """
    fails = any(one.close or (one.status or 200) >= 500 for one in test.backend)
    is_in_turn = test.server is not None and not chosen.isdisjoint((test.server, f"{test.server}:80"))
    return (test.times or 1) > 1 or is_in_turn or (fails and counts_failures)


def _counts_failures(rendered: Rendered) -> bool:
    groups = rendered.expanded.cluster.upstream.values()
    return any(server.max_fails != 0 for group in groups for server in group.servers)


def _in_original_words(answers: list[Json], taken: list[Json], stage: Stage) -> Happened:
    def words(headers: list[list[str]]) -> list[list[str]]:
        return [[key, stage.original_words(in_utf8(value))] for key, value in headers]

    def moved(key: str, value: str) -> str:
        return stage.places.original_url(value) if key.lower() == "location" else value

    by_name = {one.name: one for one in stage.places.stand_ins.values()}
    got = []
    for one in answers:
        headers = [[key, moved(key, value)] for key, value in words(one.get("headers", []))]
        got.append(one | ({"headers": headers} if "status" in one else {}))
    found = []
    for record in taken:
        made = dict(record)
        if "headers" in record:
            made["headers"] = words(record["headers"])
        if "params" in record:
            made["params"] = {key: stage.original_words(in_utf8(value)) for key, value in record["params"].items()}
        found.append((by_name[record["server"]], made))
    return Happened(got, found)


def _notes(stage: Stage, rendered: Rendered, skipped: Mapping[int, str]) -> list[Diagnostic]:
    """What a test cannot show here, or shows otherwise."""
    found = [note("NG073", f"not run: {reason}", ("test", at, "from")) for at, reason in skipped.items()]
    for one, reason in _WITHOUT_STAND_IN.items():
        name, _, word = one.partition(" ")
        lines = (line.line for line in stage.statements if line.name == name and word in ("", *line.args))
        if (line := next(lines, None)) is not None:
            found.append(note("NG074", reason, rendered.origin(line)))
    return found
