"""What tests of apply share: a host whose nginx serves one word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from support.installed import Host, host_in


@pytest.fixture
def host(nginx: NginxBinary, tmp_path: Path) -> Iterator[Host]:
    """A host where nginx runs and answers "old"."""
    with host_in(tmp_path, nginx) as made:
        made.says("old")
        made.install()
        made.start()
        yield made
