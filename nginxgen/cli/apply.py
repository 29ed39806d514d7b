"""``nginxgen apply``: a new configuration for an nginx that runs, or the old one again."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nginxgen.cli.options import (
    Files,
    Format,
    FormatOption,
    TargetOption,
    TemplatesOption,
    checked_templates,
    chosen_target,
)
from nginxgen.cli.output import Progress, ask, emit, format_is_json, remark, report, use_format
from nginxgen.diagnostic import Diagnostic, Severity

if TYPE_CHECKING:
    from nginxgen.apply.install import Folder
    from nginxgen.apply.sequence import Prepared, Wanted
    from nginxgen.proven import Rendered

NAME = "apply"
_MOST = 8


def run(
    files: Files,
    to: Annotated[
        str, typer.Option("--to", metavar="PATH", help="The file that the running nginx reads; kept as PATH~.")
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would change; 1 if anything would.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Also when somebody would be served no more.")] = False,
    no_reload: Annotated[bool, typer.Option("--no-reload", help="Only write the file; nginx need not run.")] = False,
    nginx: Annotated[
        str | None, typer.Option("--nginx", metavar="PATH", help="The binary to ask; else the one that runs.")
    ] = None,
    pid: Annotated[
        str | None,
        typer.Option(
            "--pid", metavar="PATH", help="The pid file; else the one of the installed file, or of the binary."
        ),
    ] = None,
    target: TargetOption = None,
    templates: TemplatesOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Bring a new configuration to a running nginx: compared, tried, installed and proven, or taken back."""
    use_format(format)
    may_ask = sys.stdin.isatty() and format is Format.TEXT
    if not (yes or dry_run or may_ask):
        raise typer.BadParameter("nobody can be asked without a terminal: say --yes", param_hint="--yes")
    from nginxgen.apply.install import Folder
    from nginxgen.apply.sequence import Wanted
    from nginxgen.loading import read_files
    from nginxgen.proven import render

    folder = checked_templates(templates)
    with Progress() as progress:
        rendered = render(read_files(files), chosen_target(target), templates=folder, progress=progress)
    wanted = Wanted(nginx, pid, not no_reload, dry_run)
    installed = Folder(to)
    if dry_run:
        raise typer.Exit(_Applying(rendered, installed, to, wanted, yes, force).run())
    with installed.locked(remark):
        code = _Applying(rendered, installed, to, wanted, yes, force).run()
    raise typer.Exit(code)


class _Applying:
    """One run of the command, once it is clear what is wanted."""

    def __init__(self, rendered: Rendered, folder: Folder, to: str, wanted: Wanted, yes: bool, force: bool) -> None:
        from nginxgen.apply.sequence import prepare

        self.rendered = rendered
        self.to = to
        self.wanted = wanted
        self.yes = yes
        self.force = force
        self.is_json = format_is_json()
        self.prepared = prepare(rendered, folder, wanted)
        self.found: list[Diagnostic] = list(rendered.diagnostics)

    def run(self) -> int:
        """Do what is wanted; the exit code."""
        from nginxgen.apply.sequence import is_done, try_out
        from nginxgen.errors import NginxgenError, NotApplied

        self._show()
        if is_done(self.prepared, self.wanted):
            return self._end("nothing to do", 0)
        dangers = self.prepared.dangers
        if self.wanted.dry_run:
            self.found += dangers
            return self._end("planned", 1)
        try:
            if dangers and not self.force:
                raise NotApplied(dangers, self.rendered.sources)
            self.found += [one._replace(severity=Severity.WARNING, help=None) for one in dangers]
            self.found += try_out(self.prepared)
            if not self.is_json:
                self._report()
            if not self.yes and not ask(f"Apply to {self.to}?"):
                return self._end("declined", 1)
            return self._carry_out()
        except NotApplied as problem:
            self._emit_json("failed", None)
            raise NotApplied([*self.found, *problem.diagnostics], problem.sources, problem.exit_code) from None
        except NginxgenError:
            self._emit_json("failed", None)
            raise

    def _carry_out(self) -> int:
        from nginxgen.apply.sequence import carry_out

        with Progress() as progress:
            progress("waiting for the workers")
            done = carry_out(self.prepared, self.wanted)
        if done is None:
            return self._end("written", 0)
        workers = sorted(one.pid for one in done.now.serving)
        return self._end("applied", 0, {"workers": workers, "seconds": round(done.seconds, 3)})

    def _show(self) -> None:
        if not self.is_json:
            emit(_plan_text(self.to, self.prepared, self.wanted))

    def _report(self) -> None:
        report(self.found, self.rendered.sources)
        self.found = []

    def _end(self, outcome: str, code: int, more: dict[str, Any] | None = None) -> int:
        self._emit_json(outcome, more)
        self._report()
        if self.is_json:
            return code
        if outcome == "declined":
            remark("nothing was changed")
        elif outcome == "written":
            remark(f"wrote {self.to}; no nginx was told")
        elif outcome == "applied" and more:
            serving = ", ".join(map(str, more["workers"][:_MOST]))
            remark(f"applied: the new workers ({serving}) serve, the old ones no more, after {more['seconds']:.2f} s")
        return code

    def _emit_json(self, outcome: str, more: dict[str, Any] | None) -> None:
        if not self.is_json:
            return
        from nginxgen.change.shown import to_json

        prepared = self.prepared
        master = prepared.instance.master if prepared.instance else None
        said = {
            "file": self.to,
            "outcome": outcome,
            "comparable": prepared.incomparable is None,
            "changes": to_json(prepared.changes),
            "master": master.pid if master else None,
            **(more or {"workers": None, "seconds": None}),
        }
        emit(json.dumps(said, indent=2, ensure_ascii=False) + "\n")


def _plan_text(to: str, prepared: Prepared, wanted: Wanted) -> str:
    """What would change, for people."""
    from nginxgen.apply.sequence import is_done
    from nginxgen.change.shown import summary, to_text

    if is_done(prepared, wanted):
        return f"{to}: nothing to do\n"
    if prepared.is_installed:
        return f"{to}: this text is installed already; nginx is to be shown to serve it\n"
    if prepared.installed is None:
        return f"{to}: nothing is installed yet\n"
    if prepared.incomparable is not None:
        return f"{to}: cannot be compared ({prepared.incomparable}), and is replaced as a whole\n"
    if not prepared.changes:
        return f"{to}: the text changes, and nothing that it means\n"
    return f"{to}: {summary(prepared.changes)}\n{to_text(prepared.changes)}"
