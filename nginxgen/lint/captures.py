"""What the groups of a regular expression are, and which characters can be in what they match.

Knows patterns only; what they are compared with is known by `variables`.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""(?P<escaped>\\.)
    |(?P<set>\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\])
    |(?P<named>\(\?(?:P?<(?P<name>[A-Za-z_]\w*)>|'(?P<quoted>\w+)'))
    |(?P<other>\(\?(?:[=!>|]|<[=!]|[a-zA-Z-]*:)?)
    |(?P<group>\()
    |(?P<close>\))
    |(?P<count>[?*+]|\{\d+(?:,\d*)?\})
    |(?P<mark>[|^$])
    |(?P<character>.)""",
    re.VERBOSE | re.DOTALL,
)
_POSIX = {"alnum": "A-Za-z0-9", "alpha": "A-Za-z", "digit": "0-9", "space": r"\s", "xdigit": "0-9A-Fa-f", "word": r"\w"}


def groups(pattern: str) -> dict[str, str]:
    """The text of each group, by its number and by its name."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, str | None, int]] = []
    count = 0
    for token in _TOKEN.finditer(pattern):
        if token["group"] or token["named"]:
            count += 1
            waiting.append((str(count), token["name"] or token["quoted"], token.end()))
        elif token["other"]:
            waiting.append(("", None, token.end()))
        elif token["close"] and waiting:
            number, name, start = waiting.pop()
            text = pattern[start : token.start()]
            found |= {key: text for key in (number, name) if key}
    return found


def admits(pattern: str, characters: str) -> bool:
    """Whether one of some characters can be in what a pattern matches."""
    for token in _TOKEN.finditer(pattern):
        if token["escaped"] or token["set"]:
            try:
                atom = re.compile(re.sub(r"\[:(\w+):\]", lambda found: _POSIX.get(found[1], ""), token[0]))
            except re.error:
                continue
            if any(atom.fullmatch(one) for one in characters):
                return True
        elif token["character"] and (token[0] in characters or (token[0] == "." and characters.strip("\n"))):
            return True
    return False
