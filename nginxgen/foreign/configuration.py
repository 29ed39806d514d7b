"""What somebody calls a configuration: files, a folder of them, what ``nginx -T`` printed, or standard input.

Files are read from beside the first one only: a repository's nginx.conf says ``/etc/nginx/conf.d/*.conf``, and means
its own folder, not that of the machine on which it is looked at.
"""

from __future__ import annotations

import fnmatch
import glob
import os
import posixpath
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from nginxgen.conf.tree import Tree
from nginxgen.diagnostic import Diagnostic, error
from nginxgen.errors import Unavailable
from nginxgen.foreign.guess import guess_context
from nginxgen.foreign.node import Node
from nginxgen.foreign.parse import DEEPEST, Comment, Parser
from nginxgen.source import SourceFile

LARGEST = 64 << 20
_DUMPED = re.compile(r"^# configuration file (.+):$", re.MULTILINE)
_USUAL_FOLDERS = (
    "/etc/nginx/",
    "/usr/local/etc/nginx/",
    "/usr/local/nginx/conf/",
    "/opt/nginx/conf/",
    "/etc/openresty/",
)
_WITHOUT_ENDING = frozenset({"sites-enabled", "sites-available", "conf.d", "snippets"})
_NOT_READ = re.compile(r"\.(?:bak|orig|rej|dpkg-\w+|swp|pem|key|crt|md|html?|json|ya?ml|toml|sh|py|js)$|~$")


class Configuration:
    """Everything that belongs together, as one tree or, where files stand for themselves, as several."""

    def __init__(self) -> None:
        self.roots: list[Node] = []
        """The outermost levels; their ``inner`` is ``main`` where a configuration is complete."""
        self.comments: dict[SourceFile, list[Comment]] = {}
        self.problems: list[Diagnostic] = []
        """What nginx would refuse to read."""
        self._named: dict[str, list[Node]] | None = None

    @property
    def files(self) -> list[SourceFile]:
        """Every file that was read."""
        return list(self.comments)

    def walk(self) -> Iterator[Node]:
        """Every directive, in the order in which nginx reads them; entries of maps and the like among them."""
        for root in self.roots:
            yield from root.walk()

    def named(self, name: str) -> list[Node]:
        """Every directive of a name, wherever it stands; entries of maps and the like are none."""
        if self._named is None:
            self._named = {}
            for node in self.walk():
                if node.parent is not None and not node.parent.is_free_form:
                    self._named.setdefault(node.name, []).append(node)
        return self._named.get(name, [])

    @property
    def names(self) -> frozenset[str]:
        """The names of all directives."""
        self.named("")
        return frozenset(self._named or ())

    def blocks(self, *names: str) -> Iterator[Node]:
        """Every block of some names; the level of a file that is made for such a block is one too."""
        for name in names:
            yield from (root for root in self.roots if root.inner == name)
            yield from (one for one in self.named(name) if one.children is not None)

    def tree(self) -> Tree:
        """The plain tree of it all; includes are replaced by what they name."""
        return tuple(child.statement() for root in self.roots for child in root.children or ())


def read_configuration(names: Sequence[str]) -> Configuration:
    """The configuration that files and folders hold together; ``-`` is standard input.

    What nginx would not read is told in ``problems``, and left out.

    Raises:
        Unavailable: when a file cannot be read.
    """
    made = Configuration()
    for name in names:
        if name == "-":
            _read_text(made, "standard input", sys.stdin.buffer.read())
        elif os.path.isdir(name):
            _read_folder(made, name)
        else:
            _read_text(made, name, _bytes(name))
    return made


def parse_text(text: str, name: str = "nginx.conf") -> Configuration:
    """The configuration of a text, which includes nothing."""
    made = Configuration()
    _Reader(made, {}, "").read(SourceFile(name, text))
    return made


def _bytes(name: str) -> bytes:
    try:
        if os.path.getsize(name) > LARGEST:
            raise Unavailable(f"{name} is larger than {LARGEST >> 20} MB")
        return Path(name).read_bytes()
    except OSError as problem:
        raise Unavailable(f"{name} cannot be read: {problem.strerror}") from None


def _text(data: bytes) -> str:
    # nginx takes any bytes; those that are not UTF-8 keep their places this way.
    return data.decode("utf-8", "surrogateescape")


def _read_text(made: Configuration, name: str, data: bytes) -> None:
    text = _text(data)
    marks = list(_DUMPED.finditer(text))
    if not marks:
        folder = os.path.dirname(os.path.abspath(name)) if name != "standard input" else os.getcwd()
        _Reader(made, None, folder).read(SourceFile(name, text))
        return
    ends = [one.start() for one in marks[1:]] + [len(text)]
    files = {one[1]: text[one.end() + 1 : end] for one, end in zip(marks, ends, strict=True)}
    first = marks[0][1]
    _Reader(made, files, posixpath.dirname(first)).read(SourceFile(first, files[first]))


def _read_folder(made: Configuration, folder: str) -> None:
    """The nginx.conf of a folder with what it includes; then every file that it does not."""
    main = os.path.join(folder, "nginx.conf")
    if os.path.isfile(main):
        _read_text(made, main, _bytes(main))
    known = {os.path.realpath(one.name) for one in made.files}
    rest = [one for one in _files_below(folder) if os.path.realpath(one) not in known]
    reader = _Reader(made, None, os.path.abspath(folder))
    for name in rest:
        if os.path.realpath(name) not in {os.path.realpath(one.name) for one in made.files}:
            reader.read(SourceFile(name, _text(_bytes(name))))


def _files_below(folder: str) -> list[str]:
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        usual = not _WITHOUT_ENDING.isdisjoint(Path(place).parts)
        read = [one for one in names if one.endswith(".conf") or (usual and not _NOT_READ.search(one))]
        found += [os.path.join(place, one) for one in sorted(read) if not one.startswith(".")]
    return found


class _Reader:
    """Reads a file and what it includes, from a folder or out of a dump."""

    def __init__(self, made: Configuration, dump: dict[str, str] | None, folder: str) -> None:
        self.made = made
        self.dump = dump
        self.folder = folder
        self._open: list[str] = []

    def read(self, file: SourceFile) -> None:
        """Read a file as one of the configuration's outermost."""
        trial = Node(file, (), 0, None, "main", True)
        Parser(file, lambda include, level: None).parse(trial)
        context = guess_context(trial.children or ())
        same = next((one for one in self.made.roots if one.inner == context == "http"), None)
        root = same or Node(file, (), 0, None, context, True)
        if same is None:
            self.made.roots.append(root)
        self._parse(file, root)

    def _parse(self, file: SourceFile, into: Node) -> None:
        parser = Parser(file, self._include)
        self._open.append(file.name)
        parser.parse(into)
        self._open.pop()
        self.made.comments.setdefault(file, []).extend(parser.comments)
        self.made.problems += parser.problems

    def _include(self, include: Node, level: Node) -> None:
        names = self._found(include.args[0])
        if not names:
            level.missing.append(include)
        for name in names:
            if name in self._open or len(self._open) > DEEPEST:
                message = f"{include.args[0]} includes itself, at which nginx ends by a signal"
                self.made.problems.append(error("NG100", message, include.spot(1), "take the include out"))
                continue
            text = self.dump[name] if self.dump is not None else _text(_bytes(name))
            self._parse(SourceFile(name, text), level)

    def _found(self, pattern: str) -> list[str]:
        """The files that an include names, in the order in which nginx reads them."""
        if self.dump is not None:
            wanted = posixpath.normpath(posixpath.join(self.folder, pattern))
            return [one for one in self.dump if fnmatch.fnmatchcase(one, wanted)]
        for place in self._places(pattern):
            if found := sorted(glob.glob(place)):
                return [
                    os.path.relpath(one) if self._is_below_here(one) else one for one in found if os.path.isfile(one)
                ]
        return []

    def _places(self, pattern: str) -> Iterator[str]:
        if not os.path.isabs(pattern):
            yield os.path.join(self.folder, pattern)
            return
        home = next((one for one in _USUAL_FOLDERS if pattern.startswith(one)), None)
        if home is not None:
            yield os.path.join(self.folder, pattern.removeprefix(home))
        if self.folder.startswith("/etc/") or os.path.commonpath((self.folder, pattern)) == self.folder:
            yield pattern  # a configuration that is installed here

    @staticmethod
    def _is_below_here(path: str) -> bool:
        here = os.getcwd()
        return os.path.commonpath((here, os.path.abspath(path))) == here
