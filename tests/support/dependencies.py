"""What nginxgen depends on, without nginxgen: for installing it somewhere else with nothing to be fetched."""

from __future__ import annotations

import sysconfig
from pathlib import Path

OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
"""How pip is told to take what is there; its options for "no" say what they switch off, so 0 is no isolation."""


def link_dependencies(folder: Path) -> Path:
    """Make a folder that holds every package beside the Python that runs the tests, but nginxgen; the same folder."""
    folder.mkdir(parents=True)
    for place in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for one in Path(place).iterdir():
            if "nginxgen" not in one.name and one.suffix != ".pth":
                (folder / one.name).symlink_to(one)
    return folder
