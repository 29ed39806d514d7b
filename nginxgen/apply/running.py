"""Which nginx a file belongs to: its master, its binary, and where it reads and writes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from nginxgen.apply.install import Journal
from nginxgen.conf.tree import Tree
from nginxgen.errors import Unavailable
from nginxgen.live.master import Master, master_of, read_pid
from nginxgen.proof.binary import NginxBinary, built_in_paths, examine, find_binary

_PID = re.compile(r"^\s*pid\s+[\"']?([^\s;\"']+)[\"']?\s*;", re.MULTILINE)
_ERROR_LOG = re.compile(r"\berror_log\s+[\"']?([^\s;\"']+)")


class Instance(NamedTuple):
    """An nginx: its binary, its prefix, and its master when it runs."""

    binary: NginxBinary
    paths: dict[str, str]
    """Those that the binary was built with."""
    master: Master | None

    @property
    def prefix(self) -> str:
        """The folder from which it takes relative paths."""
        if self.master and self.master.prefix:
            return self.master.prefix
        folder = self.master.folder if self.master else None
        return os.path.normpath(os.path.join(folder or os.getcwd(), self.paths.get("prefix", ".")))

    def options(self) -> list[str]:
        """How it was started, as far as that counts for reading a configuration."""
        directives = self.master.directives if self.master else None
        return ["-p", self.prefix, *(["-g", directives] if directives else [])]

    def error_logs(self, *trees: Tree | None) -> list[Path]:
        """The files that it may write errors to, by what it was started with and what configurations say."""
        said = [self.master.error_log or "", *_ERROR_LOG.findall(self.master.directives or "")] if self.master else []
        for tree in trees:
            said += [one.args[0] for one in tree or () if one.name == "error_log" and one.args]
        said.append(self.paths.get("error-log-path", ""))
        files = dict.fromkeys(
            one for one in said if one and one != "stderr" and not one.startswith(("syslog:", "memory:"))
        )
        return [Path(self.prefix, one) for one in files]


def find_instance(
    file: Path, installed: str | None, wanted: str | None, pid_file: str | None, journal: Journal | None
) -> Instance:
    """The nginx that runs with a file.

    Args:
        file: the file that it reads.
        installed: what stands in the file until now.
        wanted: the binary to ask, when it is not the one that runs.
        pid_file: the file with the master's number; else what is installed says it, else the binary was built with it.
        journal: what the last apply left.

    Raises:
        Unavailable: when none runs, or it reads another file.
    """
    master = _find_master(file, installed, wanted, pid_file, journal)
    binary = examine(wanted) if wanted else _own_binary(master)
    instance = Instance(binary, built_in_paths(binary), master)
    folder = Path(instance.prefix)
    reads = Path(os.path.realpath(folder / (master.config or instance.paths.get("conf-path") or "conf/nginx.conf")))
    if reads != file:
        raise Unavailable(f"the nginx that runs (process {master.pid}) reads {reads}, not {file}")
    return instance


def idle_instance(
    file: Path, installed: str | None, wanted: str | None, pid_file: str | None, journal: Journal | None
) -> Instance:
    """The nginx for a file that nobody has to be told of: the one that runs, else the binary at hand.

    Raises:
        Unavailable: when there is no nginx.
    """
    try:
        return find_instance(file, installed, wanted, pid_file, journal)
    except Unavailable:
        binary = find_binary(wanted)
        return Instance(binary, built_in_paths(binary), None)


def _own_binary(master: Master) -> NginxBinary:
    return examine(master.binary) if master.binary and os.path.isfile(master.binary) else find_binary()


def _find_master(
    file: Path, installed: str | None, wanted: str | None, pid_file: str | None, journal: Journal | None
) -> Master:
    if pid_file is not None:
        return master_of(read_pid(Path(pid_file)))
    said = _PID.findall(installed or "")
    if said and os.path.isabs(said[0]):
        place = Path(said[0])
    else:
        paths = built_in_paths(find_binary(wanted))
        place = Path(
            os.path.abspath(paths.get("prefix", ".")), said[0] if said else paths.get("pid-path", "logs/nginx.pid")
        )
    try:
        return master_of(read_pid(place))
    except Unavailable as problem:
        # After a crash the installed file may name another pid file than the one that the master has written.
        if journal is not None and journal.pid is not None and journal.started is not None:
            master = _master_or_none(journal.pid)
            if master is not None and master.is_same(journal.pid, journal.started):
                return master
        raise Unavailable(f"{problem}; --pid names another file, --no-reload needs none") from None


def _master_or_none(pid: int) -> Master | None:
    try:
        return master_of(pid)
    except Unavailable:
        return None
