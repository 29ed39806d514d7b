"""What happens in which order: compare, try, install, signal, prove, or take back.

Until `carry_out` nothing is written but the lock and, for as long as nginx is asked, the candidate.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from nginxgen.apply.dangers import find_dangers
from nginxgen.apply.install import Folder, Journal, State, digest
from nginxgen.apply.listeners import addresses_of
from nginxgen.apply.running import Instance, find_instance, idle_instance
from nginxgen.apply.trial import find_taken, findings, try_in_place
from nginxgen.atomic import write_file
from nginxgen.change.differences import Change, find_changes, side_of
from nginxgen.change.places import as_they_stand, in_cluster_files, located
from nginxgen.conf.read import Unreadable, read_tree
from nginxgen.conf.tree import Tree
from nginxgen.diagnostic import Diagnostic, error
from nginxgen.errors import ConfigError, NotApplied, Unavailable
from nginxgen.live.generation import Workers
from nginxgen.live.log import LogWatch
from nginxgen.live.master import Master, may_signal
from nginxgen.live.reload import Ending, Reload, reload
from nginxgen.live.sockets import Address, held_by
from nginxgen.model.cluster import Cluster
from nginxgen.proven import Rendered
from nginxgen.read import read_cluster

_GRAVE = frozenset({"emerg", "alert", "crit"})
_MOST_WORKERS = 8


class Wanted(NamedTuple):
    """What was asked for besides the text."""

    nginx: str | None = None
    pid_file: str | None = None
    reload: bool = True
    dry_run: bool = False


_INEXACT = 2.0
"""Seconds by which the start of a process may be told wrongly (it is counted from that of the machine)."""


class Prepared(NamedTuple):
    """A text, the file that it is for, and what they have to do with each other."""

    rendered: Rendered
    folder: Folder
    instance: Instance | None
    """None only where nothing is to be done."""
    installed: bytes | None
    changes: list[Change]
    incomparable: str | None
    """Why the changes cannot be told."""
    dangers: list[Diagnostic]
    held: set[Address]
    tree: Tree | None
    is_proven: bool
    """Whether the master that runs is known to serve what is installed."""
    began_with: bool
    """Whether it was started after that was written, so that it began with it."""

    @property
    def is_installed(self) -> bool:
        """Whether the text stands in the file already."""
        return self.installed == self.rendered.text.encode()


def prepare(rendered: Rendered, folder: Folder, wanted: Wanted) -> Prepared:
    """Compare a text with what is installed, and find the nginx that it is for.

    Raises:
        Unavailable: when no nginx runs that could be reloaded, or the file cannot be read.
    """
    installed = folder.read()
    journal = folder.read_journal()
    instance = _instance(folder, installed, wanted, journal)
    tree, before, reason = _read(installed)
    new = rendered.expanded.cluster
    master = instance.master if instance else None
    held = held_by(master.process) if master else None
    served = held if held is not None else set(addresses_of(before)) if before else set()
    is_proven = _is_proven(journal, installed, master)
    began_with = installed is not None and master is not None and master.started > folder.changed() + _INEXACT
    changes = _changes(tree, rendered, folder) if tree is not None else []
    dangers = list(find_dangers(before, new, served, folder.file.parent))
    return Prepared(
        rendered, folder, instance, installed, changes, reason, dangers, served, tree, is_proven, began_with
    )


def _changes(installed: Tree, rendered: Rendered, folder: Folder) -> list[Change]:
    before, after = (side_of(tree, rendered.target, str(folder.file)) for tree in (installed, rendered.tree))
    return located(find_changes(before, after), as_they_stand, in_cluster_files(rendered))


def _instance(folder: Folder, installed: bytes | None, wanted: Wanted, journal: Journal | None) -> Instance | None:
    text = None if installed is None else installed.decode("utf-8", "replace")
    if wanted.reload and not wanted.dry_run:
        instance = find_instance(folder.file, text, wanted.nginx, wanted.pid_file, journal)
        if instance.master and not may_signal(instance.master):
            raise Unavailable(f"process {instance.master.pid} cannot be signalled: permission denied")
        return instance
    try:
        return idle_instance(folder.file, text, wanted.nginx, wanted.pid_file, journal)
    except Unavailable:
        if wanted.dry_run:
            return None
        raise


def _read(installed: bytes | None) -> tuple[Tree | None, Cluster | None, str | None]:
    """The tree and the cluster of what is installed, and why there are none."""
    if installed is None:
        return None, None, "nothing is installed yet"
    try:
        tree = read_tree(installed.decode("utf-8"))
    except Unreadable as problem:
        return None, None, f"line {problem.line}: {problem}"
    except ValueError:
        return None, None, "it is not in UTF-8"
    try:
        return tree, read_cluster(tree), None
    except ConfigError:
        return tree, None, None  # it can be compared all the same, if not judged


def _is_proven(journal: Journal | None, installed: bytes | None, master: Master | None) -> bool:
    if journal is None or installed is None or master is None or journal.state is not State.PROVEN:
        return False
    if journal.pid is None or journal.started is None:
        return False
    return journal.digest == digest(installed) and master.is_same(journal.pid, journal.started)


def is_done(prepared: Prepared, wanted: Wanted) -> bool:
    """Whether there is nothing to do: the text is installed, and served where that matters."""
    if not prepared.is_installed:
        return False
    has_nobody = prepared.instance is None or prepared.instance.master is None
    # A look at what differs proves nothing, and finds no difference after each start of the machine.
    is_looking = wanted.dry_run and (has_nobody or prepared.began_with)
    return prepared.is_proven or not wanted.reload or is_looking


def try_out(prepared: Prepared) -> list[Diagnostic]:
    """What the real nginx warns of.

    Raises:
        NotApplied: when it refuses the text, or an address is taken.
        Unavailable: when it cannot be asked.
    """
    instance = prepared.instance
    assert instance is not None
    warned = try_in_place(prepared.rendered, prepared.folder, instance)
    if instance.master and (taken := find_taken(prepared.rendered, prepared.held)):
        raise NotApplied([*warned, *taken], prepared.rendered.sources, Unavailable.exit_code)
    return warned


def carry_out(prepared: Prepared, wanted: Wanted) -> Reload | None:
    """Install a text and bring the nginx that runs to serve it; None when it was only to be installed.

    Raises:
        NotApplied: when nginx did not take it; what was installed before is back.
        Unavailable: when the file cannot be written; it is then as it was.
    """
    folder, text = prepared.folder, prepared.rendered.text
    instance = prepared.instance
    earlier = folder.read_journal()
    kept = folder.before_unproven(prepared.installed)
    base = prepared.installed
    if kept is not None:
        base = kept
        if not prepared.is_installed:
            write_file(folder.file, kept)  # so that the last text known to be served is what NAME~ keeps
    elif prepared.is_installed:
        base = None
    master = instance.master if instance and wanted.reload else None
    journal = Journal(digest(text.encode()), None if base is None else digest(base), State.INSTALLING)
    if master:
        journal = journal._replace(pid=master.pid, started=master.started)
    folder.write_journal(journal)
    trees = (prepared.tree, prepared.rendered.tree)
    watch = LogWatch(instance.error_logs(*trees) if instance else [])
    write_file(folder.file, text)
    if master is None or instance is None:
        return None
    restoring = _Restoring(prepared, instance, master, base, earlier, kept is not None)
    try:
        done = reload(master)
    except Unavailable:
        restoring.put_back()
        raise
    if done.ending is Ending.SERVES:
        folder.write_journal(journal._replace(state=State.PROVEN))
        return done
    reasons = _reasons(watch, prepared, instance, master)
    if done.ending is Ending.MIXED:
        raise NotApplied([*reasons, _mixed(done)], prepared.rendered.sources)
    raise NotApplied([*reasons, restoring.restore(done)], prepared.rendered.sources)


class _Restoring(NamedTuple):
    """What it takes to bring back what was before."""

    prepared: Prepared
    instance: Instance
    master: Master
    base: bytes | None
    earlier: Journal | None
    was_unproven: bool

    def put_back(self) -> str:
        """Bring back the previous file; says what stands there now."""
        folder = self.prepared.folder
        if self.base is not None:
            write_file(folder.file, self.base)
            return "the previous file is back"
        if self.prepared.installed is None:
            folder.file.unlink(missing_ok=True)
            return "the file, which was new, is gone again"
        return "the file is left as it is, since none that was served before is known"

    def restore(self, failed: Reload) -> Diagnostic:
        """Bring back the previous file, and workers that serve it; says which do."""
        state = self.put_back()
        now = failed.now
        staying = failed.before.serving & now.serving
        if staying and not (self.was_unproven and self.base is not None):
            if self.earlier and self.earlier.state is State.PROVEN and self.prepared.is_proven:
                self.prepared.folder.write_journal(self.earlier)
            serving = f"the workers of before still serve ({_pids(now)})"
        else:
            now = reload(self.master).now
            serving = f"workers of it serve ({_pids(now)})" if now.serving else "no worker serves"
        said = f"nginx (process {self.master.pid}) did not take the new configuration: {state}, and {serving}"
        return error("NG045", said)


def _pids(workers: Workers) -> str:
    pids = sorted(one.pid for one in workers.serving)
    more = len(pids) - _MOST_WORKERS
    shown = ", ".join(map(str, pids[:_MOST_WORKERS])) + (f" and {more} more" if more > 0 else "")
    return f"process{'' if len(pids) == 1 else 'es'} {shown}"


def _mixed(done: Reload) -> Diagnostic:
    old = Workers(done.now.serving & done.before.serving, frozenset())
    new = Workers(done.now.serving - done.before.serving, frozenset())
    said = f"workers of the new configuration serve ({_pids(new)}), but after {done.seconds:.0f} s so do some of before"
    return error("NG045", f"{said} ({_pids(old)}); the new file is left in its place", None, "apply again to be sure")


def _reasons(watch: LogWatch, prepared: Prepared, instance: Instance, master: Master) -> list[Diagnostic]:
    """Why nginx did not take the text: its own words, else what can be seen from here."""
    rendered = prepared.rendered
    file: Path = prepared.folder.file
    news = "\n".join(line for line in watch.news().splitlines() if f" {master.pid}#" in line)
    found = findings(news, file, rendered, instance, _GRAVE)
    telling = [one for one in found if "still could not bind()" not in one.message]
    return telling or found or find_taken(rendered, prepared.held)
