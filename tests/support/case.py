"""Golden cases: one readable file each, with why it exists, what goes in and what must come out.

The first lines say why, in a sentence. Then come sections, each under a line that begins with ``===``::

    === cluster.toml                       a file that goes in; several are laid over each other in their order
    === target 1.22                        for which nginx; what follows is expected for that one
    === nginx.conf                         the whole text
    === nginx.conf @ http/upstream api     only what stands there: names and parameters, from the outside in
    === notes                              what is told beside the text, word for word
    === errors                             what is told instead of a text
    === nginx 1.22.1                       all that this binary says; without it, neither errors nor warnings

A step of the path is a directive's name, with its parameters or without them, or ``*`` for all directives of a block
that are no blocks themselves. What is not expected in a section must not happen: a case without ``notes`` has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from nginxgen.conf.tree import Statement, Tree

_MARK = "=== "
_EXPECTED = ("nginx.conf", "notes", "errors", "nginx")


class Section(NamedTuple):
    """A part of a case: the line that begins it, without its mark, and the lines below."""

    title: str
    body: str


@dataclass(frozen=True)
class Wanted:
    """What is expected for one target; None is the one that the cluster names itself."""

    target: str | None
    sections: tuple[Section, ...] = ()

    def body(self, title: str) -> str:
        """What stands under a title; empty when nothing does."""
        return next((one.body for one in self.sections if one.title == title), "")

    def has(self, title: str) -> bool:
        """Whether there is a section of that title."""
        return any(one.title == title for one in self.sections)

    @property
    def of_nginx(self) -> list[Section]:
        """What real binaries say."""
        return [one for one in self.sections if one.title.startswith("nginx ")]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """The paths of which the text is expected, "" for the whole, and the text."""
        found = [one for one in self.sections if one.title.partition(" ")[0] == "nginx.conf"]
        return [(one.title.partition(" @ ")[2], one.body) for one in found]


@dataclass(frozen=True)
class Case:
    """One file of the golden suite."""

    path: Path
    why: str
    files: tuple[Section, ...]
    wanted: tuple[Wanted, ...] = field(default=())

    @property
    def name(self) -> str:
        """The feature that the case is about."""
        return self.path.stem

    def write_files(self, folder: Path) -> list[str]:
        """Put the files that go in into a folder; their names in the order in which they are given to nginxgen."""
        for file in self.files:
            (folder / file.title).write_text(file.body, encoding="utf-8", newline="")
        return [file.title for file in self.files]

    def text(self) -> str:
        """The case as its file holds it."""
        parts = [self.why]
        parts += [f"{_MARK}{file.title}\n{file.body}" for file in self.files]
        for wanted in self.wanted:
            parts += [f"{_MARK}target {wanted.target}\n"] if wanted.target else []
            parts += [f"{_MARK}{one.title}\n{one.body}" for one in wanted.sections]
        return "".join(parts)


def read_case(path: Path) -> Case:
    """The case that a file holds.

    Raises:
        ValueError: when it is not in the form of a case.
    """
    why, sections = split(path.read_text(encoding="utf-8"))
    if not why.strip() or not why.rstrip().endswith("."):
        raise ValueError(f"{path.name} does not begin with a sentence that says why it exists")
    files = [one for one in sections if one.title.endswith((".toml", ".json"))]
    if not files:
        raise ValueError(f"{path.name} has no file that goes in")
    if sections[: len(files)] != files:
        raise ValueError(f"{path.name}: files that go in stand before what is expected")
    return Case(path, why, tuple(files), tuple(_wanted(sections[len(files) :], path.name)))


def split(text: str) -> tuple[str, list[Section]]:
    """The lines before the first section, and the sections."""
    why = ""
    sections: list[Section] = []
    for line in text.splitlines(keepends=True):
        if line.startswith(_MARK):
            sections.append(Section(line[len(_MARK) :].strip(), ""))
        elif sections:
            sections[-1] = Section(sections[-1].title, sections[-1].body + line)
        else:
            why += line
    return why, sections


def _wanted(sections: Iterable[Section], name: str) -> Iterator[Wanted]:
    current = Wanted(None)
    for section in sections:
        kind, _, rest = section.title.partition(" ")
        if kind == "target" and rest and not section.body.strip():
            if current.sections:
                yield current
            current = Wanted(rest)
        elif kind in _EXPECTED and not current.has(section.title):
            current = replace(current, sections=(*current.sections, section))
        else:
            raise ValueError(f"{name}: no case has the section {section.title!r} here, or it has it once")
    yield current


def excerpt(text: str, tree: Tree, path: str) -> str:
    """What stands at a path of a configuration's text, not indented; everything that does, if several things."""
    if not path:
        return text
    lines = text.split("\n")
    found = [_lines_of(statement, lines) for statement in _find(tree, path)]
    flat = all(len(one) == 1 for one in found)
    return ("\n" if flat else "\n\n").join("\n".join(one) for one in found) + "\n" if found else ""


def _find(tree: Tree, path: str) -> Iterator[Statement]:
    """The statements to which a path leads; a parameter may hold a "/" itself."""
    for statement in tree:
        labels = {statement.name, " ".join((statement.name, *statement.args))}
        labels |= {"*"} if statement.block is None else set()
        if path in labels:
            yield statement
        elif statement.block:
            for label in labels:
                if path.startswith(f"{label}/"):
                    yield from _find(statement.block, path[len(label) + 1 :])


def _lines_of(statement: Statement, lines: list[str]) -> list[str]:
    """The lines of a statement; a block ends with the "}" that is indented like it."""
    first = statement.line - 1
    depth = len(lines[first]) - len(lines[first].lstrip(" "))
    if statement.block is None:
        return [lines[first][depth:]]
    last = next(at for at in range(first, len(lines)) if lines[at] == " " * depth + "}")
    return [line[depth:] for line in lines[first : last + 1]]
