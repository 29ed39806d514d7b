"""``nginxgen reload``: the running cluster as its files are now."""

from __future__ import annotations

from nginxgen.cli.running import DEFAULT, FileArgument, RunOption, done

NAME = "reload"


def run(file: FileArgument = DEFAULT, folder: RunOption = None) -> None:
    """Have the running nginxgen up read its files again, and become what they say without losing a request."""
    done(file, folder, NAME, "reloading", "reloaded")
