"""What happened to a test's requests, held against what was expected of it: each difference is a finding.

Knows expectations and records; not how requests are sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from nginxgen.diagnostic import Diagnostic, error
from nginxgen.model.test import NONE, Expected, Test, matches
from nginxgen.rehearsal.places import StandIn
from nginxgen.source import Path

Json = dict[str, Any]
_LONGEST = 300


class Happened(NamedTuple):
    """What became of a test's requests, in the words of the cluster."""

    answers: Sequence[Json]
    """What the client got for each: ``status``, ``headers``, ``body``; or ``problem``."""
    taken: Sequence[tuple[StandIn, Json]]
    """What backends were asked: ``request``, ``headers`` or ``params``, ``body``."""


def judge(test: Test, at: int, happened: Happened) -> tuple[Diagnostic, ...]:
    """The differences between what is expected of the test at that position and what happened."""
    where: Path = ("test", at)
    told = _summary(happened)
    if problems := list(dict.fromkeys(one["problem"] for one in happened.answers if "problem" in one)):
        return (error("NG070", f"{test.title}: {problems[0]}", (*where, "request"), told),)
    found = [*_of_answers(test, happened.answers), *_of_backends(test, happened)]
    return tuple(
        error("NG070", f"{test.title}: {difference}", (*where, *path), told, key=difference.absent)
        for path, difference in found
    )


class _Difference(NamedTuple):
    what: str
    expected: str
    actual: str
    absent: bool = False

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, got {self.actual}"


_Found = Iterator[tuple[Path, _Difference]]


def _of_answers(test: Test, answers: Sequence[Json]) -> _Found:
    statuses = [one["status"] for one in answers]
    if test.status is not None and (wrong := [one for one in statuses if one != test.status]):
        yield ("status",), _Difference("status", str(test.status), _listed(wrong))
    if test.statuses:
        counted = {str(status): count for status, count in Counter(statuses).items()}
        if counted != {status: count for status, count in test.statuses.items() if count}:
            yield ("statuses",), _Difference("statuses", _counts(test.statuses), _counts(counted))
    if test.redirect is not None:
        for one in answers:
            if (location := _joined(one["headers"], "Location")) is None or not matches(test.redirect, location):
                yield ("redirect",), _Difference("Location", _shown(test.redirect), _shown(location))
                break
    yield from _of_headers("response_headers", test.response_headers, [one["headers"] for one in answers])
    yield from _of_body("response_body", "the body", test.response_body, [in_utf8(one["body"]) for one in answers])


def _of_backends(test: Test, happened: Happened) -> _Found:
    taken = list(happened.taken)
    asked = list(dict.fromkeys(one.name for one, _ in taken))
    if test.upstream == NONE and taken:
        yield ("upstream",), _Difference("backends", "none to be asked", ", ".join(asked))
    elif test.upstream not in (None, NONE):
        of_group = [one for one in taken if (one[0].group or "").lower() == str(test.upstream).lower()]
        if not of_group:
            yield ("upstream",), _Difference("backend", f"one of {test.upstream}", ", ".join(asked) or "none")
            return
        taken = of_group
    if test.server is not None:
        known = {test.server, f"{test.server}:80"}
        of_server = [one for one in taken if one[0].address in known]
        if not of_server or (len({one.name for one, _ in taken}) > 1 and not _is_retried(test)):
            yield ("server",), _Difference("backend", test.server, ", ".join(asked) or "none")
        taken = of_server or taken
    if test.backend_requests is not None and test.backend_requests != len(taken):
        difference = _Difference("requests to backends", str(test.backend_requests), str(len(taken)))
        yield ("backend_requests",), difference
    if test.different_servers is not None and len({one.name for one, _ in taken}) != test.different_servers:
        yield (
            ("different_servers",),
            _Difference("different backends", str(test.different_servers), ", ".join(asked) or "none"),
        )
    yield from _of_passed(test, [record for _, record in taken])


def _is_retried(test: Test) -> bool:
    """Whether backends fail in a test, so that others are asked before the one that answers."""
    return any(one.close or (one.status or 200) >= 400 for one in test.backend)


def _of_passed(test: Test, records: Sequence[Json]) -> _Found:
    """Differences in what was passed, of which there has to be something when anything is expected of it."""
    if test.passed_request is not None:
        wants_method = not test.passed_request.startswith("/") and not test.passed_request.startswith("~")
        lines = [one["request"] if wants_method else one["request"].partition(" ")[2] for one in records]
        yield from _of_body("passed_request", "the request line", test.passed_request, lines)
    yield from _of_headers("passed_headers", test.passed_headers, [one.get("headers", []) for one in records])
    params = [list(one.get("params", {}).items()) for one in records]
    yield from _of_headers("passed_params", test.passed_params, params, str)
    yield from _of_body("passed_body", "the body", test.passed_body, [in_utf8(one["body"]) for one in records])


def _of_headers(
    key: str,
    expected: Mapping[str, Expected],
    messages: Sequence[Sequence[Sequence[str]]],
    fold: Callable[[str], str] = str.lower,
) -> _Found:
    for name, wanted in expected.items():
        if not messages:
            yield (key, name), _Difference(name, _wanted(wanted), "no request to a backend", wanted.absent)
        for headers in messages:
            value = _joined(headers, name, fold)
            values = [one for header, one in headers if fold(header) == fold(name)]
            is_right = value is None if wanted.absent else value is not None and _is_among(wanted.text, value, values)
            if not is_right:
                yield (key, name), _Difference(name, _wanted(wanted), _shown(value))
                break


def _is_among(wanted: str | None, joined: str, values: Sequence[str]) -> bool:
    """Whether a header's value is the one wanted: as one list (RFC 9110, 5.3), or, for cookies, one of them."""
    return wanted is not None and (matches(wanted, joined) or (len(values) > 1 and wanted in values and "=" in wanted))


def _of_body(key: str, what: str, expected: str | None, bodies: Sequence[str]) -> _Found:
    if expected is None:
        return
    if not bodies:
        yield (key,), _Difference(what, _shown(expected), "no request to a backend")
    for body in bodies:
        if not matches(expected, body):
            yield (key,), _Difference(what, _shown(expected), _shown(body))
            break


def _joined(headers: Sequence[Sequence[str]], name: str, fold: Callable[[str], str] = str.lower) -> str | None:
    values = [value for key, value in headers if fold(key) == fold(name)]
    return ", ".join(values) if values else None


def in_utf8(said: str) -> str:
    """A body or a header's value, which comes with a character for each byte, as text."""
    return said.encode("latin-1").decode("utf-8", "replace")


def _wanted(expected: Expected) -> str:
    return "it to be absent" if expected.absent else _shown(expected.text)


def _shown(value: str | None) -> str:
    if value is None:
        return "none"
    kept = value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
    return '"' + kept.replace("\r", "\\r").replace("\n", "\\n") + '"'


def _listed(values: Sequence[int]) -> str:
    return ", ".join(map(str, dict.fromkeys(values)))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} times {status}" for status, count in sorted(counts.items()) if count)


def _summary(happened: Happened) -> str:
    """What happened, in a sentence: what the client got, and who was asked for it."""
    statuses = _counts({str(one["status"]): 1 for one in happened.answers if "status" in one})
    got = f"the client got {statuses.replace('1 times ', '')}" if statuses else "the client got nothing"
    if not happened.taken:
        return f"{got}, and no backend was asked"
    asked = dict.fromkeys(f'{one.name} was asked "{record["request"]}"' for one, record in happened.taken)
    shown = list(asked)[:4]
    return f"{got}; {', '.join(shown)}" + (", …" if len(asked) > len(shown) else "")
