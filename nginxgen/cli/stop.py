"""``nginxgen stop``: the end of a running cluster."""

from __future__ import annotations

from nginxgen.cli.output import Progress, remark
from nginxgen.cli.running import DEFAULT, LONG, FileArgument, RunOption, agreed, control_socket

NAME = "stop"


def run(file: FileArgument = DEFAULT, folder: RunOption = None) -> None:
    """Have the running nginxgen up finish its requests and end, and wait for that."""
    from nginxgen.supervise.control import ask_to_end

    with Progress() as progress:
        progress("stopping")
        agreed(ask_to_end(control_socket(file, folder), LONG, of=folder or str(file)))
    remark("stopped")
