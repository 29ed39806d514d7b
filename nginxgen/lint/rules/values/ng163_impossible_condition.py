"""NG163: a condition of `if` that nginx does not read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.templates import is_filled_in

_COMPARISONS = ("=", "!=", "~", "~*", "!~", "!~*")
_MEANT = {"==": "=", "===": "=", "=~": "~", "=~*": "~*", "<>": "!=", "!==": "!="}
_FILE = re.compile("!?-[fdex]")


def _check(subject: Subject) -> Iterator[Finding]:
    for node in subject.configuration.named("if"):
        if any(map(is_filled_in, node.args)):
            continue
        if (fault := _fault(node.args)) is not None:
            what, help = fault
            yield Finding(f"if {' '.join(node.args)}: {what}", node.spot(), help)


def _fault(args: Sequence[str]) -> tuple[str, str] | None:
    """What is wrong with a condition, and what to write (ngx_http_rewrite_if_condition)."""
    if not args or not args[0].startswith("(") or not args[-1].endswith(")"):
        return "a condition stands in parentheses", "write if ($variable = value)"
    words = list(args)
    words[0] = words[0][1:]
    words[-1] = words[-1][:-1]
    words = [one for at, one in enumerate(words) if one or 0 < at < len(words) - 1]
    first = words[0] if words else ""
    if _FILE.fullmatch(first):
        return None if len(words) == 2 else (f"{first} looks at one file", f"write if ({first} $request_filename)")
    if first.startswith("!$"):
        return "only comparisons are negated, not variables", f'write if ({first[1:]} = ""), or {first[1:]} != value'
    if not re.match(r"\$\w|\$\{", first):
        return "it begins with neither a variable nor -f, -d, -e or -x", "write if ($variable = value)"
    if len(words) == 1:
        return None
    if words[1] not in _COMPARISONS:
        meant = _MEANT.get(words[1])
        return (
            f"{words[1]} compares nothing",
            f"did you mean {meant}?" if meant else f"there are {' '.join(_COMPARISONS)}",
        )
    if len(words) == 2:
        return f"there is nothing behind {words[1]}", 'write "" for an empty text'
    if len(words) > 3:
        return "it holds one comparison, and no && or ||", "let a map judge several variables, and ask for its result"
    return None


RULE = Rule(
    code="NG163",
    name="impossible-condition",
    severity=Severity.ERROR,
    title="a condition that nginx does not read",
    why="There is one comparison in an if: a variable, alone or with = != ~ ~* !~ !~* and one word, or a path behind"
    ' -f, -d, -e or -x. Anything else is "invalid condition", and nginx refuses the configuration.'
    " (ngx_http_rewrite_if_condition.)",
    mend="Write one comparison; for more, a map.",
    bad="""\
server {
    listen 8080;
    if ($request_method == POST) {
        return 405;
    }
}
""",
    good="""\
server {
    listen 8080;
    if ($request_method = POST) {
        return 405;
    }
}
""",
    check=_check,
    directives=frozenset({"if"}),
    is_refused=True,
)
