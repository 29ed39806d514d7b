"""Which releases of nginx have a known hole: nginx.org's security advisories, by where it was mended."""

from __future__ import annotations

from nginxgen.conf.target import Target
from nginxgen.conf.version import Version


def is_open_in(target: Target, stable: Version, mainline: Version) -> bool:
    """Whether a release of the target has a hole that a stable and a mainline release mended."""
    branch = mainline._replace(patch=0)
    return any(one < stable or branch <= one < mainline for one in target.versions())


def advice(stable: Version, mainline: Version) -> str:
    """What to do; distributions mend old versions without a new number."""
    return f"take nginx {stable} or {mainline}, or a distribution's nginx that was mended; or write named captures"
