"""Requests that are sent at once: when every client is connected, so that limits per second see them so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nginxgen.rehearsal import perform

TIMES = 5
CASE = {"at_once": True, "times": TIMES, "cookies": False}


def test_nothing_is_sent_before_all_are_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def ask(case: object, cookies: object, connected: Callable[[], object]) -> dict[str, object]:
        seen.append("connected")
        connected()
        seen.append("sent")
        return {}

    monkeypatch.setattr(perform, "ask", ask)
    assert perform._asked(CASE) == [{}] * TIMES
    assert seen == ["connected"] * TIMES + ["sent"] * TIMES


def test_who_cannot_connect_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter(range(TIMES))

    def ask(case: object, cookies: object, connected: Callable[[], object]) -> dict[str, object]:
        if next(numbers) == 2:
            return {"problem": "nobody listens"}
        connected()
        return {}

    monkeypatch.setattr(perform, "ask", ask)
    assert sorted(map(len, perform._asked(CASE))) == [0, 0, 0, 0, 1]


def test_a_mistake_of_ours_ends_the_others_too(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter(range(TIMES))

    def ask(case: object, cookies: object, connected: Callable[[], object]) -> dict[str, object]:
        if next(numbers) == 2:
            raise ValueError("a mistake of ours")
        connected()
        return {}

    monkeypatch.setattr(perform, "ask", ask)
    with pytest.raises(ValueError, match="a mistake of ours"):
        perform._asked(CASE)
