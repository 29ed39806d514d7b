"""nginxgen: from cluster.toml to a proven, complete nginx.conf.

The door for programs. Everything else is inside and may move::

    from nginxgen import Cluster, Location, Server, Upstream, load, render

    rendered = render(load("cluster.toml"), target="1.22")
    print(rendered.text)

`load` reads files, `render` gives the proven text, `check` asks a real nginx, `verify` proves a text of another tool,
`write` replaces a file in one step. A cluster made in code gets the same errors and the same proofs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nginxgen import _version

if TYPE_CHECKING:
    from nginxgen.api import *  # noqa: F403
    from nginxgen.api import __all__ as __all__

__version__ = _version.VERSION


def __getattr__(name: str) -> Any:
    # Imported when asked for: the command line needs a part of it only.
    if name.startswith("__") and name != "__all__":
        raise AttributeError(name)
    return getattr(import_module("nginxgen.api"), name)
