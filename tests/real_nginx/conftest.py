"""What tests of served clusters share."""

from __future__ import annotations

from pathlib import Path

import pytest

from nginxgen import Target
from nginxgen.proof.binary import NginxBinary
from support.site import Site


@pytest.fixture(params=["own", "any"])
def site(request: pytest.FixtureRequest, nginx: NginxBinary, tmp_path: Path) -> Site:
    """Clusters served by each real nginx: rendered for that very nginx, then for any."""
    return Site(nginx, nginx.target if request.param == "own" else Target.parse("any"), tmp_path)
