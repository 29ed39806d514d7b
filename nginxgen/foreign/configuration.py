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
from collections.abc import Iterator, Mapping, Sequence
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
_SECTIONS = re.compile(r"(?:\s*[#;][^\n]*\n)*\s*\[[^\]\n]+\]\s*$", re.MULTILINE)
"""Other programs have files called .conf too, such as systemd's: a section in brackets comes first."""
_NOT_READ = re.compile(r"\.(?:bak|orig|rej|dpkg-\w+|swp|pem|key|crt|md|html?|json|ya?ml|toml|sh|py|js)$|~$")


class Configuration:
    """Everything that belongs together, as one tree or, where files stand for themselves, as several."""

    def __init__(self) -> None:
        self.roots: list[Node] = []
        """The outermost levels; their ``inner`` is ``main`` where a configuration is complete."""
        self.comments: dict[SourceFile, list[Comment]] = {}
        self.problems: list[Diagnostic] = []
        """What nginx would refuse to read."""
        self.is_dump = False
        """Whether it is what ``nginx -T`` printed, whose files are elsewhere."""
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

    def missing(self) -> Iterator[Node]:
        """Includes that name a file, and no pattern, of which none was found."""
        for root in self.roots:
            for level in (root, *(one for one in root.walk() if one.children is not None)):
                yield from (one for one in level.missing if not re.search(r"[*?\[]", one.args[0]))

    def tree(self) -> Tree:
        """The plain tree of it all; includes are replaced by what they name."""
        return tuple(child.statement() for root in self.roots for child in root.children or ())


def read_configuration(names: Sequence[str], texts: Mapping[str, str] | None = None) -> Configuration:
    """The configuration that files and folders hold together; ``-`` is standard input.

    What nginx would not read is told in ``problems``, and left out.

    Args:
        names: of files and folders.
        texts: what files hold, by name, instead of what is on the disk.

    Raises:
        Unavailable: when a file cannot be read.
    """
    made = Configuration()
    files = _Files(texts or {})
    for name in names:
        if name == "-":
            _read_text(made, SourceFile("standard input", _text(sys.stdin.buffer.read())), os.getcwd(), files)
        elif os.path.isdir(name):
            _read_folder(made, name, files)
        else:
            _read_text(made, files.get(name), os.path.dirname(os.path.abspath(name)), files)
    return made


def parse_text(text: str, name: str = "nginx.conf") -> Configuration:
    """The configuration of a text, which includes nothing."""
    made = Configuration()
    _Reader(made, _Dump({}, "")).read(SourceFile(name, text))
    return made


def _text(data: bytes) -> str:
    # nginx takes any bytes; those that are not UTF-8 keep their places this way.
    return data.decode("utf-8", "surrogateescape")


def _read_text(made: Configuration, file: SourceFile, folder: str, files: _Files) -> None:
    marks = list(_DUMPED.finditer(file.text))
    if not marks:
        _Reader(made, _Folder(folder, files)).read(file)
        return
    ends = [one.start() for one in marks[1:]] + [len(file.text)]
    dumped = {one[1]: file.text[one.end() + 1 : end] for one, end in zip(marks, ends, strict=True)}
    first = marks[0][1]
    made.is_dump = True
    _Reader(made, _Dump(dumped, posixpath.dirname(first))).read(SourceFile(first, dumped[first]))


def _read_folder(made: Configuration, folder: str, files: _Files) -> None:
    """The nginx.conf of a folder with what it includes; then every file that it does not."""
    reader = _Reader(made, _Folder(os.path.abspath(folder), files))
    main = os.path.join(folder, "nginx.conf")
    if os.path.isfile(main):
        reader.read(files.get(main))
    for name in _files_below(folder):
        if not files.has(name) and not _SECTIONS.match((file := files.get(name)).text):
            reader.read(file)


def _cannot_look(problem: OSError) -> None:
    raise Unavailable(f"{problem.filename} cannot be read: {problem.strerror}")


def _files_below(folder: str) -> list[str]:
    found: list[str] = []
    for place, folders, names in os.walk(folder, onerror=_cannot_look):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        usual = not _WITHOUT_ENDING.isdisjoint(Path(place).parts)
        read = [one for one in names if one.endswith(".conf") or (usual and not _NOT_READ.search(one))]
        found += [os.path.join(place, one) for one in sorted(read) if not one.startswith(".")]
    return found


class _Files:
    """Files of the disk, each read once, or what is to stand in them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = {os.path.realpath(name): text for name, text in texts.items()}
        self._known: dict[str, SourceFile] = {}

    def has(self, name: str) -> bool:
        """Whether a file was read, under any name."""
        return os.path.realpath(name) in self._known

    def get(self, name: str) -> SourceFile:
        """A file."""
        path = os.path.realpath(name)
        if path not in self._known:
            text = self._texts.get(path)
            self._known[path] = SourceFile(name, _text(_bytes(name)) if text is None else text)
        return self._known[path]


def _bytes(name: str) -> bytes:
    try:
        if os.path.getsize(name) > LARGEST:
            raise Unavailable(f"{name} is larger than {LARGEST >> 20} MB")
        return Path(name).read_bytes()
    except OSError as problem:
        raise Unavailable(f"{name} cannot be read: {problem.strerror}") from None


class _Folder:
    """Where a configuration of files lies."""

    def __init__(self, folder: str, files: _Files) -> None:
        self.folder = folder
        self.files = files

    def find(self, pattern: str) -> list[SourceFile]:
        """The files that an include names, in the order in which nginx reads them."""
        for place in self._places(pattern):
            if found := [one for one in sorted(glob.glob(place)) if os.path.isfile(one)]:
                return [self.files.get(_shown(one)) for one in found]
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


def _shown(path: str) -> str:
    """A path as people on this machine would type it."""
    here = os.getcwd()
    return os.path.relpath(path) if os.path.commonpath((here, os.path.abspath(path))) == here else path


class _Dump:
    """What ``nginx -T`` printed, file by file."""

    def __init__(self, texts: dict[str, str], folder: str) -> None:
        self.files = {name: SourceFile(name, text) for name, text in texts.items()}
        self.folder = folder

    def find(self, pattern: str) -> list[SourceFile]:
        """The files that an include names."""
        wanted = posixpath.normpath(posixpath.join(self.folder, pattern))
        return [file for name, file in self.files.items() if fnmatch.fnmatchcase(name, wanted)]


class _Reader:
    """Reads a file and what it includes."""

    def __init__(self, made: Configuration, place: _Folder | _Dump) -> None:
        self.made = made
        self.place = place
        self._open: list[SourceFile] = []

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
        self._open.append(file)
        parser.parse(into)
        self._open.pop()
        self.made.comments[file] = parser.comments
        self.made.problems += parser.problems

    def _include(self, include: Node, level: Node) -> None:
        found = self.place.find(include.args[0])
        if not found:
            level.missing.append(include)
        for file in found:
            if file in self._open or len(self._open) > DEEPEST:
                message = f"{include.args[0]} includes itself, at which nginx ends by a signal"
                self.made.problems.append(error("NG100", message, include.spot(1), "take the include out"))
            else:
                self._parse(file, level)
