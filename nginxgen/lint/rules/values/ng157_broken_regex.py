"""NG157: a regular expression that does not compile."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in
from nginxgen.lint.variables import REGEX_WORDS
from nginxgen.model.kind import NotValid
from nginxgen.model.text import regex


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.walk():
        for at, pattern in _patterns(node):
            if is_filled_in(pattern):
                continue
            try:
                regex(pattern)
            except NotValid as problem:
                is_cut = node.children is not None and node.words[at].end == node.end - 1
                help = "put the pattern into quotes: without them, its { opens a block" if is_cut else problem.help
                yield Finding(str(problem), node.spot(at), help)


def _patterns(node: Node) -> Iterator[tuple[int, str]]:
    """The regular expressions among a directive's words, and which words they are."""
    args = node.args
    if node.parent is not None and node.parent.name == "map":
        if node.name.startswith("~") and node.words and len(args) == 1:
            yield 0, node.name.removeprefix("~").removeprefix("*")
    elif node.name == "location" and len(args) == 2 and args[0] in ("~", "~*"):
        yield 2, args[1]
    elif node.name == "rewrite" and args:
        yield 1, args[0]
    elif node.name == "server_name":
        yield from ((at, one[1:]) for at, one in enumerate(args, 1) if one.startswith("~"))
    elif node.name == "if" and len(args) == 3 and args[1] in REGEX_WORDS and args[2].endswith(")"):
        yield 3, args[2][:-1]


RULE = Rule(
    code="NG157",
    name="broken-regex",
    severity=Severity.ERROR,
    title="a regular expression that does not compile",
    why="nginx refuses the whole configuration. A { or ; in a pattern without quotes ends the word, which leaves half a"
    " pattern.",
    mend="Balance the brackets, and put the pattern into quotes when { } ; or a blank stands in it.",
    bad="""\
server {
    listen 8080;
    location ~ ^/(img|css/ {
        expires 1h;
    }
}
""",
    good="""\
server {
    listen 8080;
    location ~ ^/(img|css)/ {
        expires 1h;
    }
}
""",
    check=_check,
    is_refused=True,
)
