"""``nginxgen diff``: what changes in meaning from one configuration to another, or from one nginx to another."""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from nginxgen.cli.options import chosen_target
from nginxgen.cli.output import emit, use_format

if TYPE_CHECKING:
    from nginxgen.cli.sides import Compared
    from nginxgen.conf.target import Target

NAME = "diff"
_NOTHING = "nothing changes in HTTP versions, Connection headers, kept connections and TLS protocols"


class Shape(StrEnum):
    """How differences are printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def run(
    before: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="cluster.toml (base.toml,prod.toml lie over each other), nginx.conf, a folder, what nginx -T printed, "
            "- for standard input, or up:cluster.toml for what a running nginxgen up serves.",
        ),
    ],
    after: Annotated[str | None, typer.Argument(metavar="B", help="The same; left out between two targets.")] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target", "-t", metavar="NGINX", help="The nginx that reads them; said twice: from that one to this one."
        ),
    ] = None,
    format: Annotated[Shape, typer.Option("--format", help="How differences are printed.")] = Shape.TEXT,
) -> None:
    """Say what changes in meaning from A to B, or of A from one nginx to another; 1 when anything does."""
    use_format("json" if format is Shape.JSON else "text")
    targets = [_target(one) for one in target or ()]
    between_targets = len(targets) == 2
    if len(targets) > 2 or (after is None) is not between_targets:
        raise typer.BadParameter("name two things to compare, or one and --target twice", param_hint="A B")
    if before == "-" and (between_targets or after == "-"):
        raise typer.BadParameter("standard input can be read once only; name a file", param_hint="A B")
    from nginxgen.cli.sides import read_sides

    found = _Comparison(*read_sides(before, after or before, targets), between_targets)
    shapes = {Shape.TEXT: found.text, Shape.JSON: found.json, Shape.MARKDOWN: found.markdown}
    emit(shapes[format]())
    raise typer.Exit(1 if found.changes or found.wire else 0)


def _target(text: str) -> Target:
    from nginxgen.conf.target import Target

    chosen = chosen_target(text)
    try:
        return chosen if isinstance(chosen, Target) else Target.parse(text)
    except ValueError as problem:
        raise typer.BadParameter(str(problem), param_hint="--target") from None


class _Comparison:
    """Two sides, and what is different between them."""

    def __init__(self, before: Compared, after: Compared, between_targets: bool) -> None:
        from nginxgen.change.differences import find_changes
        from nginxgen.change.places import located
        from nginxgen.change.wire import find_wire_changes

        places = before.locate, after.locate
        self.before = before
        self.after = after
        self.between_targets = between_targets
        self.changes = located(find_changes(before.side, after.side), *places)
        self.wire = located(find_wire_changes(before.side, after.side), *places) if between_targets else []

    def text(self) -> str:
        """What people read."""
        from nginxgen.change.shown import summary, to_text

        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        told = f"{self._title()}: {summary(self.changes) or self._equal()}\n"
        told += to_text(self.changes, colour, places=True)
        if self.between_targets:
            told += f"on the wire: {summary(self.wire) or _NOTHING}\n"
            told += to_text(self.wire, colour, places=True)
        return told

    def markdown(self) -> str:
        """What is put below a pull request."""
        from nginxgen.change.shown import plain, summary, to_markdown

        parts = [f"**{plain(self._title())}**: {summary(self.changes) or self._equal()}\n"]
        parts += [to_markdown(self.changes)] if self.changes else []
        if self.between_targets:
            parts.append(f"**On the wire**: {summary(self.wire) or _NOTHING}\n")
            parts += [to_markdown(self.wire)] if self.wire else []
        return "\n".join(parts)

    def json(self) -> str:
        """What a program reads."""
        from nginxgen.change.shown import to_json

        said = {
            "before": {"name": self.before.name, "target": self.before.target.name},
            "after": {"name": self.after.name, "target": self.after.target.name},
            "equal": not self.changes and not self.wire,
            "changes": to_json(self.changes),
            "wire": to_json(self.wire) if self.between_targets else None,
        }
        return json.dumps(said, indent=2) + "\n"  # in ASCII: nginx takes bytes that are no UTF-8, and so must this

    def _title(self) -> str:
        if self.between_targets:
            return f"{self.before.name}, from {self.before.target.name} to {self.after.target.name}"
        return f"{self.before.name} → {self.after.name}"

    def _equal(self) -> str:
        texts = self.before.text, self.after.text
        if not self.between_targets:
            return "no difference in meaning"
        is_same = None in texts or texts[0] == texts[1]
        return "no setting changes" if is_same else "the text changes, and no setting with it"
