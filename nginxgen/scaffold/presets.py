"""The presets: shipped examples from which a deployment can begin.

Knows their names and where they lie; what is in one is read from its folder.
"""

from __future__ import annotations

from pathlib import Path

from nginxgen.errors import Unavailable

PRESETS = ("node", "asgi", "php-fpm", "static-api", "websocket", "grpc", "multi-host")
ALIASES = {"python": "asgi", "php": "php-fpm", "static": "static-api", "virtual-hosts": "multi-host"}
"""Other words for presets."""


def example_folder() -> Path:
    """Where the examples lie: in the package when installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "_examples"
    return installed if installed.is_dir() else package.parent / "examples"


def find_preset(word: str) -> str | None:
    """The preset that a word names."""
    name = ALIASES.get(word, word)
    return name if name in PRESETS else None


def summary(preset: str) -> str:
    """What a preset is, in a line: the first of its cluster.toml."""
    first, _, _ = shipped_files(preset)["cluster.toml"].decode("utf-8").partition("\n")
    return first.removeprefix("# ")


def shipped_files(preset: str) -> dict[str, bytes]:
    """A preset's files by their paths inside its folder.

    Raises:
        Unavailable: when they are not there.
    """
    folder = example_folder() / preset
    try:
        found = sorted(one for one in folder.rglob("*") if one.is_file() and "__pycache__" not in one.parts)
        files = {one.relative_to(folder).as_posix(): one.read_bytes() for one in found}
    except OSError as problem:
        raise Unavailable(f"the preset {preset} cannot be read: {problem.strerror}") from None
    if "cluster.toml" not in files:
        raise Unavailable(f"the preset {preset} is missing; is nginxgen installed whole?")
    return files
