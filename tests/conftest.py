"""What all tests share: the two nginx binaries, and how Hypothesis behaves."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from nginxgen.proof.binary import NginxBinary, bundled_path, examine

REQUIRED = os.environ.get("NGINXGEN_REQUIRE_NGINX") == "1"
SHARED = Path(__file__).parents[2] / "shared"

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=20_000)
settings.load_profile(os.environ.get("NGINXGEN_HYPOTHESIS", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--golden-update``, for the golden cases."""
    parser.addoption("--golden-update", action="store_true", help="write what comes out into the golden cases")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests have measured, which they give to ``record_property`` under the name "figures"."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind)]
    lines = [text for one in reports for name, text in one.user_properties if name == "figures"]
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.line(str(line))


def _binaries() -> dict[str, str | None]:
    system = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))
    return {"system": system, "bundled": bundled_path()}


@pytest.fixture(scope="session", params=["system", "bundled"])
def nginx(request: pytest.FixtureRequest) -> NginxBinary:
    """A real nginx: the system's (Debian's 1.22.1 in CI), then the bundled one (1.31.3)."""
    path = _binaries()[request.param]
    if path is None:
        message = f"there is no {request.param} nginx on this machine"
        if REQUIRED:
            pytest.fail(f"{message}, and NGINXGEN_REQUIRE_NGINX=1 asks for it")
        pytest.skip(message)
    return examine(path)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of facts, seed and corpus beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED.name}/ does not stand beside the checkout")
    return SHARED


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that everybody may use; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="public-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)
