"""Servers that come and go by themselves cause no storm of reloads; one that is back is told at once."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from nginxgen.supervise import supervisor
from nginxgen.supervise.arrangement import Arrangement
from nginxgen.supervise.output import Console


def test_a_server_that_flaps_is_published_within_the_budget(
    nginx: NginxBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "BUDGET", 60.0)

    async def flap() -> list[int]:
        system = supervisor.Supervisor(["cluster.toml"], nginx, Arrangement(tmp_path, tmp_path), Console(io.StringIO()))
        published, counts = 0, []
        done = asyncio.Event()

        async def publish() -> None:
            nonlocal published
            published += 1
            done.set()

        monkeypatch.setattr(system, "publish", publish)
        keeping = asyncio.create_task(system._keep_published())
        for is_back in (False, True):
            done.clear()
            for _ in range(100):
                system.server_changed()
                await asyncio.sleep(0)
            system.server_changed(is_back)
            await asyncio.wait_for(done.wait(), 10)
            for _ in range(100):
                system.server_changed()
                await asyncio.sleep(0)
            counts.append(published)
        keeping.cancel()
        return counts

    assert asyncio.run(flap()) == [1, 2], "a hundred changes are one; what is back is not waited with"
