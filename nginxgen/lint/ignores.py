"""Comments that take single findings out: ``# nginxgen:ignore NG201 the folder is public``.

At the end of a line it counts for that line; on a line of its own for the directive, the key or the table behind it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from nginxgen.diagnostic import Diagnostic, Spot, warning
from nginxgen.foreign import Configuration, Node
from nginxgen.lint.rules import RULES
from nginxgen.source import SourceFile, Span

_COMMENT = re.compile(r"#\s*nginxgen:[ \t]*ignore\b(?P<codes>[\s,]*(?:NG\d+[\s,]*)*)(?P<reason>[^\n]*)")
_CODE = re.compile(r"NG\d+")


class Ignore(NamedTuple):
    """A comment: where it stands, what it ignores, and where."""

    spot: Spot
    codes: tuple[str, ...]
    reason: str
    scope: Span

    def covers(self, one: Diagnostic) -> bool:
        """Whether a finding is meant by it."""
        where = one.where
        return (
            isinstance(where, Spot)
            and where.file is self.spot.file
            and one.code in self.codes
            and self.scope.start <= where.span.start < self.scope.end
        )


def ignores_in(configuration: Configuration) -> Iterator[Ignore]:
    """The comments of a configuration that ignore something."""
    for file, comments in configuration.comments.items():
        wanted = [(one, found) for one in comments if (found := _COMMENT.match(one.text))]
        nodes = [node for node in configuration.walk() if node.file is file] if wanted else []
        for one, found in wanted:
            scope = _behind(one.span.end, nodes) if one.is_alone else _line_of(file, one.span.start)
            yield _made(found, Spot(file, one.span), scope)


def _behind(end: int, nodes: Iterable[Node]) -> Span:
    node = min((one for one in nodes if one.start >= end), key=lambda one: one.start, default=None)
    return Span(end, end) if node is None else Span(node.start, max(node.end, node.close))


def _line_of(file: SourceFile, offset: int) -> Span:
    end = file.text.find("\n", offset)
    return Span(file.text.rfind("\n", 0, offset) + 1, len(file.text) if end == -1 else end)


def ignores_in_toml(file: SourceFile) -> Iterator[Ignore]:
    """The comments of a cluster's file that ignore something."""
    for found in _COMMENT.finditer(file.text):
        line = _line_of(file, found.start())
        is_alone = not file.text[line.start : found.start()].strip()
        scope = _next_in_toml(file, line.end) if is_alone else line
        yield _made(found, Spot(file, Span(found.start(), found.end())), scope)


def _next_in_toml(file: SourceFile, end: int) -> Span:
    """The next key's line, or the next table up to the one behind it."""
    following = re.compile(r"^[ \t]*(?P<mark>[^#\s])", re.MULTILINE).search(file.text, end)
    if following is None:
        return Span(end, end)
    if following["mark"] != "[":
        return _line_of(file, following.start("mark"))
    after = re.compile(r"^[ \t]*\[", re.MULTILINE).search(file.text, following.end())
    return Span(following.start("mark"), after.start() if after else len(file.text))


def _made(found: re.Match[str], spot: Spot, scope: Span) -> Ignore:
    return Ignore(spot, tuple(_CODE.findall(found["codes"])), found["reason"].strip(" -:"), scope)


def without_ignored(
    found: Iterable[Diagnostic], ignores: Iterable[Ignore], looked: Collection[str]
) -> Iterator[Diagnostic]:
    """The findings that no comment ignores, then what is wrong with the comments themselves.

    Args:
        found: what rules have found.
        ignores: the comments.
        looked: the codes of the rules that were asked; nobody knows whether others still find something.
    """
    every = list(ignores)
    valid = [one for one in every if one.codes and one.reason]
    used: set[tuple[int, str]] = set()
    for one in found:
        if covering := [(at, one.code) for at, ignore in enumerate(valid) if ignore.covers(one)]:
            used.update(covering)
        else:
            yield one
    for ignore in every:
        if not ignore.codes or not ignore.reason:
            missing = "a code" if not ignore.codes else "a reason"
            help = "write # nginxgen:ignore NG201 and then why it is right here"
            yield warning("NG062", f"this ignores nothing: it lacks {missing}", ignore.spot, help)
    for at, ignore in enumerate(valid):
        idle = [code for code in ignore.codes if (at, code) not in used]
        if unknown := [code for code in idle if code not in RULES]:
            yield warning("NG063", f"there is no rule {' and '.join(unknown)}", ignore.spot, "mend the code")
        if gone := [code for code in idle if code in looked]:
            help = "take the comment out" if len(gone) == len(ignore.codes) else "take the code out"
            yield warning("NG063", f"{' and '.join(gone)} is not found here any more", ignore.spot, help)
